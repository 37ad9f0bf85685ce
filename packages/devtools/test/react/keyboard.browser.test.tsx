import { act } from 'react'
import { afterEach, expect, it } from 'vitest'
import { send } from '../protocol.ts'
import { ready, recording } from './incident.ts'
import { button, mountPanel, type Mounted, nextFrame, until } from './mount.tsx'

let mounted: Mounted | undefined
afterEach(async () => {
  await mounted?.unmount()
  mounted = undefined
})

const codes: Readonly<Record<string, number>> = { Tab: 9, Enter: 13, Escape: 27, ArrowRight: 39 }

/** A key of the keyboard, which the browser answers as it answers a person's: the focus moves, buttons are pressed. */
async function strike(key: string): Promise<void> {
  const event = { key, code: key, windowsVirtualKeyCode: codes[key], ...(key === 'Enter' && { text: '\r' }) }
  await act(() => send('Input.dispatchKeyEvent', { type: 'keyDown', ...event }))
  await act(() => send('Input.dispatchKeyEvent', { type: 'keyUp', ...event }))
  await nextFrame()
}

const nameOf = (element: Element): string =>
  (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().replaceAll(/\s+/g, ' ')

const isShown = (element: HTMLElement): boolean => element.checkVisibility({ visibilityProperty: true })

/** What a mouse can press or turn. What shares one stop of the Tab key with its neighbours is reached by arrow keys. */
function controlsIn(panel: Element): HTMLElement[] {
  const all = 'button, a[href], input, select, textarea, summary, [role=tab], [role=option], [tabindex]'
  return [...panel.querySelectorAll<HTMLElement>(all)].filter(
    (control) => isShown(control) && !control.matches(':disabled'),
  )
}

/** With a ring of its own, or the canvas with one around the whole timeline. */
function showsFocus(element: Element): boolean {
  const around = element.closest('.af-timeline')
  const rings = [getComputedStyle(element).outlineStyle, around && getComputedStyle(around, '::after').borderStyle]
  return rings.includes('solid')
}

/** Where the Tab key leads in the panel, from its first stop to its last. */
async function walk(panel: HTMLElement): Promise<Set<Element>> {
  const stops = new Set<Element>()
  const before = document.createElement('button')
  panel.before(before)
  before.focus()
  for (;;) {
    await strike('Tab')
    const { activeElement } = document
    if (activeElement === null || !panel.contains(activeElement) || stops.has(activeElement)) break
    stops.add(activeElement)
    expect(nameOf(activeElement), activeElement.outerHTML.slice(0, 160)).not.toBe('')
    expect(showsFocus(activeElement), `${nameOf(activeElement)} shows its focus`).toBe(true)
  }
  before.remove()
  return stops
}

it('everything that a mouse can press is reached by keys, in every tab, and shows it', async () => {
  const controls = [{ label: 'Refresh', run: () => {} }]
  mounted = await mountPanel({ recording, controls }, { width: 1_000, height: 560 })
  const { panel } = mounted
  button(panel, 'Show race')!.focus()
  await strike('Enter')
  button(panel, 'Timeline')!.focus()
  for (const [tab, sign] of Object.entries(ready)) {
    if (tab !== 'Timeline') await strike('ArrowRight')
    expect(document.activeElement).toBe(button(panel, tab))
    await until(() => panel.querySelector(sign) !== null)

    const stops = await walk(panel)
    // The arrow keys lead from the tab that is open to the others.
    const missed = controlsIn(panel).filter((control) => !stops.has(control) && control.role !== 'tab')
    expect(missed.map(nameOf)).toEqual([])
    button(panel, tab)!.focus()
  }
})

it('the menu opens, is walked, pressed and left by keys', async () => {
  mounted = await mountPanel({ recording })
  const { panel } = mounted
  const menu = panel.querySelector<HTMLElement>('.af-menu')!
  button(panel, 'More')!.focus()
  await strike('Enter')
  await until(() => button(menu, 'Keys') !== undefined)

  const stops = new Set<Element | null>()
  for (let presses = 0; presses < 30 && document.activeElement !== button(menu, 'Keys'); presses += 1) {
    await strike('Tab')
    stops.add(document.activeElement)
  }
  expect(
    controlsIn(menu)
      .filter((control) => !stops.has(control))
      .map(nameOf),
  ).toEqual([])
  await strike('Enter')
  await until(() => panel.querySelector('dialog')?.open === true)
  await strike('Escape')
  await until(() => panel.querySelector('dialog')?.open !== true)
  expect(panel.contains(document.activeElement)).toBe(true)
})
