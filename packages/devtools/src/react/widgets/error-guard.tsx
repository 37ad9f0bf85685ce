import { Component, type MouseEvent, type ReactNode } from 'react'
import { focusView } from '../hooks/focus-view.ts'

/** Whatever happens to the panel, the page beside it goes on. */
export class ErrorGuard extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  readonly #show = ({ currentTarget }: MouseEvent) => {
    const panel = currentTarget.parentElement!.parentElement
    this.setState({ failed: false }, () => focusView(panel))
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children
    return (
      <div className="af-message" role="alert">
        <p>The panel met something that it cannot show. Your app is not touched by it.</p>
        <button type="button" className="af-pill" onClick={this.#show}>
          Show it again
        </button>
      </div>
    )
  }
}
