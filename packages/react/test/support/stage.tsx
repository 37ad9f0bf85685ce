import { act, type ReactNode } from 'react'
import { createRoot, hydrateRoot, type Root } from 'react-dom/client'
import { onTestFinished } from 'vitest'

/** A place in the page for one tree of components; empty again when the test ends. */
export interface Stage {
  readonly container: HTMLElement
  /** What React could not hydrate as the server had rendered it. */
  readonly mismatches: readonly unknown[]
  show(tree: ReactNode): Promise<void>
  hydrate(html: string, tree: ReactNode): Promise<void>
  clear(): Promise<void>
}

export function createStage(): Stage {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  const container = document.createElement('div')
  const mismatches: unknown[] = []
  let root: Root | undefined
  const clear = () => act(async () => root?.unmount())
  onTestFinished(clear)
  return {
    container,
    mismatches,
    show(tree) {
      root ??= createRoot(container)
      return act(async () => root?.render(tree))
    },
    hydrate(html, tree) {
      container.innerHTML = html
      return act(async () => {
        root = hydrateRoot(container, tree, { onRecoverableError: (error) => mismatches.push(error) })
      })
    },
    clear,
  }
}
