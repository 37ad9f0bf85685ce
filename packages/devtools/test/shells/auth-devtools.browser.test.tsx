import { act, createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { afterEach, describe, expect, it } from 'vitest'
import { page } from 'vitest/browser'
import { AuthDevtools } from '../../src/react/index.ts'
import { strike } from '../keyboard.ts'
import { mouseOn } from '../mouse.ts'
import { click, findViolations, nextFrame, press, until } from '../react/mount.tsx'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
  localStorage.clear()
})

async function float() {
  const box = document.createElement('div')
  document.body.append(box)
  const root = createRoot(box)
  const render = (theme: 'light' | 'dark') => act(async () => root.render(createElement(AuthDevtools, { theme })))
  await render('light')
  const unmount = async () => {
    await act(async () => root.unmount())
    box.remove()
  }
  undo.push(unmount)
  return { shadow: () => document.querySelector('[data-authflight=devtools]')!.shadowRoot!, render, unmount }
}

/** The panel, opened in a window of this size, which is given back. */
async function openIn(wide: number, high: number) {
  const [width, height] = [innerWidth, innerHeight]
  undo.push(() => page.viewport(width, height))
  await page.viewport(wide, high)
  const floating = await float()
  await click(named(floating.shadow(), 'Open the auth devtools'))
  await until(() => floating.shadow().activeElement?.getAttribute('role') === 'application')
  return floating
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

it('takes the keyboard when it is opened, and gives it back to the button when it is closed', async () => {
  const { shadow } = await float()
  expect(shadow().activeElement).toBeNull()
  await click(named(shadow(), 'Open the auth devtools'))
  await until(() => shadow().activeElement?.getAttribute('role') === 'application')
  await click(named(shadow(), 'Close the auth devtools'))
  expect(shadow().activeElement).toBe(named(shadow(), 'Open the auth devtools'))
})

describe('the menu in a shadow root gives the keyboard back', () => {
  async function openMenu() {
    const { shadow } = await float()
    await click(named(shadow(), 'Open the auth devtools'))
    await until(() => named(shadow(), 'More') !== null)
    const more = named(shadow(), 'More')!
    const menu = shadow().querySelector<HTMLElement>('.af-menu')!
    const item = (name: string) =>
      [...menu.querySelectorAll('button')].find(({ textContent }) => textContent.startsWith(name))
    const open = async () => {
      more.focus()
      await strike('Enter')
      await until(() => item('Keys') !== undefined && menu.matches(':popover-open'))
      await strike('ArrowDown')
      expect(menu.contains(shadow().activeElement)).toBe(true)
    }
    await open()
    return { shadow, more, menu, item, open }
  }

  it('when Escape closes it', async () => {
    const { shadow, more, menu } = await openMenu()
    await strike('Escape')
    expect(menu.matches(':popover-open')).toBe(false)
    expect(shadow().activeElement).toBe(more)
  })

  it('when something is chosen in it, and after the dialog that comes of that', async () => {
    const { shadow, more, item, open } = await openMenu()
    item('Lanes by')!.focus()
    await strike('Enter')
    expect(shadow().activeElement).toBe(more)
    await open()
    item('Keys')!.focus()
    await strike('Enter')
    await until(() => shadow().querySelector('dialog')?.open === true)
    await strike('Escape')
    await until(() => shadow().querySelector('dialog')?.open !== true)
    expect(shadow().activeElement).toBe(more)
  })

  it('but takes it from nothing in the app', async () => {
    const { shadow, menu } = await openMenu()
    const field = document.createElement('input')
    document.body.prepend(field)
    undo.push(() => field.remove())
    const mouse = mouseOn(field)
    await act(() => mouse.moveTo(4, 4))
    await act(() => mouse.press())
    await act(() => mouse.release())
    await until(() => !menu.matches(':popover-open'))
    expect([document.activeElement, shadow().activeElement]).toEqual([field, null])
  })
})

it('opened in a low window it is seen from its top on', async () => {
  // A window of 1280 pixels at 200 %.
  const { shadow } = await openIn(640, 300)
  const body = shadow().querySelector('.af-body')!
  expect(body.scrollHeight).toBeGreaterThan(body.clientHeight)
  expect(body.scrollTop).toBe(0)
})

it('keeps single keys from the shortcuts of the app, and leaves it those with a modifier, and Escape', async () => {
  const heard: string[] = []
  const hear = ({ key }: KeyboardEvent) => void heard.push(key)
  document.addEventListener('keydown', hear)
  undo.push(() => document.removeEventListener('keydown', hear))
  const { shadow } = await float()
  await click(named(shadow(), 'Open the auth devtools'))
  await until(() => shadow().querySelector('.af-filter input') !== null)
  const input = shadow().querySelector('.af-filter input')!
  const strike = (init: KeyboardEventInit) =>
    input.dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true, composed: true, cancelable: true }))
  for (const init of [{ key: 'n' }, { key: 'k', ctrlKey: true }, { key: 'Escape' }]) strike(init)
  expect(heard).toEqual(['k', 'Escape'])
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

const themesOf = (shadow: ShadowRoot) =>
  [...shadow.querySelectorAll<HTMLElement>('.af-panel')].map(({ dataset }) => dataset['theme'])

it('axe finds nothing, closed and open, in both themes, at two widths', async () => {
  const { shadow, render } = await float()
  const host = document.querySelector('[data-authflight]')!
  const [width, height] = [innerWidth, innerHeight]
  undo.push(() => page.viewport(width, height))
  const look = async () => {
    for (const wide of [1_280, 400])
      for (const theme of ['light', 'dark'] as const) {
        await page.viewport(wide, 720)
        await render(theme)
        await until(() => innerWidth === wide && themesOf(shadow()).every((shown) => shown === theme))
        expect(await findViolations(host), `${theme}, ${wide} pixels`).toEqual([])
      }
  }
  await look()
  await click(named(shadow(), 'Open the auth devtools'))
  await until(() => shadow().querySelector('[role=application]') !== null)
  await look()
})

it('is never lower than the panel is, and its handle is met 24 pixels wide', async () => {
  const { shadow } = await openIn(1_000, 900)
  const handle = shadow().querySelector<HTMLElement>('.af-dock-handle')!
  await press(handle, 'Home')
  expect(shadow().querySelector('.af-dock .af-panel')!.getBoundingClientRect().bottom).toBeLessThanOrEqual(900)
  const { top } = shadow().querySelector('.af-dock')!.getBoundingClientRect()
  const met = Array.from({ length: 60 }, (_, at) => at - 30).filter(
    (at) => shadow().elementFromPoint(300, top + at) === handle,
  )
  expect(met.length).toBeGreaterThanOrEqual(24)
  const close = named(shadow(), 'Close the auth devtools')!
  const box = close.getBoundingClientRect()
  expect(close.contains(shadow().elementFromPoint(box.left + 4, box.bottom - 4))).toBe(true)
})

it('its height is moved by the arrow keys, and by Home and End to its limits, and is kept', async () => {
  // Where 15 % is more than the panel's least height.
  const first = await openIn(1_000, 1_200)
  const handleOf = (shadow: ShadowRoot) =>
    shadow.querySelector<HTMLElement>('[role=separator][aria-orientation=horizontal]')!
  const share = (shadow: ShadowRoot) => [
    Number(handleOf(shadow).getAttribute('aria-valuenow')),
    Math.round((shadow.querySelector<HTMLElement>('.af-dock')!.offsetHeight / innerHeight) * 100),
  ]
  const handle = handleOf(first.shadow())
  handle.focus()
  expect(share(first.shadow())).toEqual([45, 45])
  for (const [key, percent] of [
    ['ArrowUp', 50],
    ['ArrowDown', 45],
    ['ArrowDown', 40],
    ['Home', 15],
    ['ArrowDown', 15],
    ['End', 90],
    ['ArrowUp', 90],
    ['ArrowDown', 85],
  ] as const) {
    await press(handle, key)
    expect(share(first.shadow()), key).toEqual([percent, percent])
  }
  for (const [end, limit] of [
    ['valuemin', '15'],
    ['valuemax', '90'],
  ])
    expect(handle.getAttribute(`aria-${end}`)).toBe(limit)
  expect(first.shadow().activeElement).toBe(handle)
  await first.unmount()
  const again = await float()
  await until(() => again.shadow().querySelector('[role=application]') !== null)
  expect(share(again.shadow())).toEqual([85, 85])
})
