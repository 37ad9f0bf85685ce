import axe from 'axe-core'
import { act, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { loadLate } from '../../src/react/load-late.ts'
import { AuthDevtoolsPanel, type AuthDevtoolsPanelProps } from '../../src/react/index.ts'
import { deleteBlackBox } from '../black-box/delete-black-box.ts'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

export interface Mounted {
  readonly panel: HTMLElement
  /** Shows it again with other properties. */
  readonly render: (props: AuthDevtoolsPanelProps) => Promise<void>
  readonly unmount: () => Promise<void>
}

/** Shows the panel in a box of the page, under Strict Mode. */
export async function mountPanel(
  props: AuthDevtoolsPanelProps = {},
  size = { width: 1_000, height: 420 },
): Promise<Mounted> {
  // What comes late is there, so that a press shows its effect at once.
  await loadLate()
  const box = document.createElement('div')
  box.style.cssText = `width: ${size.width}px; height: ${size.height}px`
  document.body.append(box)
  const root = createRoot(box)
  const render = (given: AuthDevtoolsPanelProps) =>
    act(async () =>
      root.render(
        <StrictMode>
          <AuthDevtoolsPanel {...given} />
        </StrictMode>,
      ),
    )
  await render(props)
  // What is kept from visit to visit is not for tests that did not ask for it.
  const unmount = async () => {
    localStorage.clear()
    await act(async () => root.unmount())
    await deleteBlackBox()
    box.remove()
  }
  return { panel: box.querySelector<HTMLElement>('.af-panel')!, render, unmount }
}

export async function nextFrame(): Promise<void> {
  await act(() => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))))
}

/** Waits until the check holds; the test's own limit ends it. */
export async function until(check: () => boolean): Promise<void> {
  while (!check()) await nextFrame()
}

export async function press(element: Element, ...keys: string[]): Promise<void> {
  for (const key of keys) {
    await act(async () => {
      const code = key === ' ' ? 'Space' : key
      element.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }))
    })
    await nextFrame()
  }
}

export async function click(element: Element | null | undefined): Promise<void> {
  if (!(element instanceof HTMLElement)) throw new Error('nothing to click')
  await act(async () => element.click())
  await nextFrame()
}

export function button(panel: Element, name: string): HTMLElement | undefined {
  return [...panel.querySelectorAll<HTMLElement>('button, [role=tab]')].find((found) =>
    (found.getAttribute('aria-label') ?? found.textContent)?.trim().startsWith(name),
  )
}

/** What axe finds, in one line each. */
export async function findViolations(panel: Element): Promise<string[]> {
  const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
  const { violations } = await act(() => axe.run(panel, { runOnly }))
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`)
}

/** Writes into a field of React as a hand would. */
export async function type(input: HTMLInputElement, text: string): Promise<void> {
  await act(async () => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.set!.call(input, text)
    input.dispatchEvent(new Event('input', { bubbles: true }))
  })
  await nextFrame()
}
