import { act, createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, expect, it } from 'vitest'
import { AuthDevtools } from '../../src/react/index.ts'
import { click, findViolations, nextFrame, until } from '../react/mount.tsx'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
  localStorage.clear()
})

async function float(): Promise<{ shadow: () => ShadowRoot; unmount: () => Promise<void> }> {
  const box = document.createElement('div')
  document.body.append(box)
  const root = createRoot(box)
  await act(async () => root.render(createElement(AuthDevtools, { theme: 'light' })))
  const unmount = async () => {
    await act(async () => root.unmount())
    box.remove()
  }
  undo.push(unmount)
  return { shadow: () => document.querySelector('[data-authflight=devtools]')!.shadowRoot!, unmount }
}

const named = (shadow: ShadowRoot, name: string) => shadow.querySelector<HTMLElement>(`button[aria-label="${name}"]`)

it('is a button in a shadow root, then the panel, and is found open again', async () => {
  const first = await float()
  expect(document.querySelector('.af-panel')).toBeNull()
  await click(named(first.shadow(), 'Open the auth devtools'))
  await until(() => first.shadow().querySelector('[role=application]') !== null)
  await first.unmount()
  const again = await float()
  await until(() => again.shadow().querySelector('[role=application]') !== null)
  await click(named(again.shadow(), 'Close the auth devtools'))
  expect(again.shadow().querySelector('[role=application]')).toBeNull()
})

it('takes no style from the page and gives it none', async () => {
  const style = document.createElement('style')
  style.textContent = 'button { display: none !important }'
  document.head.append(style)
  undo.push(() => style.remove())
  const before = document.adoptedStyleSheets.length
  const { shadow } = await float()
  expect(getComputedStyle(named(shadow(), 'Open the auth devtools')!).display).toBe('grid')
  expect(document.adoptedStyleSheets.length).toBe(before)
  expect(shadow().querySelector('style')).toBeNull()
})

it('leaves nothing in the page when it goes', async () => {
  const { unmount } = await float()
  await nextFrame()
  await unmount()
  expect(document.querySelector('[data-authflight]')).toBeNull()
})

it('axe finds nothing, closed and open', async () => {
  const { shadow } = await float()
  const host = document.querySelector('[data-authflight]')!
  expect(await findViolations(host)).toEqual([])
  await click(named(shadow(), 'Open the auth devtools'))
  await until(() => shadow().querySelector('[role=application]') !== null)
  expect(await findViolations(host)).toEqual([])
})
