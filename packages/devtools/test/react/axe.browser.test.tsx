import { recorderHook } from '@authflight/client'
import { act } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import type { AuthDevtoolsPanelProps } from '../../src/react/index.ts'
import { recordTime } from '../../src/model/relay.ts'
import { flight, moveTo, sourceOf } from '../fixtures.ts'
import { send } from '../protocol.ts'
import { ready, recording } from './incident.ts'
import { button, click, findViolations, mountPanel, type Mounted, until } from './mount.tsx'

let mounted: Mounted | undefined
let unregister: (() => void) | undefined
afterEach(async () => {
  await mounted?.unmount()
  unregister?.()
  mounted = unregister = undefined
  await forceColours('none')
})

/** As a system does that has its own idea of colours, light ones or dark ones. */
const forceColours = (value: 'active' | 'none', scheme: 'light' | 'dark' | '' = '') =>
  send('Emulation.setEmulatedMedia', {
    features: [
      { name: 'forced-colors', value },
      { name: 'prefers-color-scheme', value: scheme },
    ],
  })

const controls = [{ label: 'Refresh', run: () => {} }]

const themes = ['light', 'dark', 'forced'] as const
const widths = [1_280, 400]
const looks = Object.keys(ready).flatMap((tab) => widths.map((width) => [tab, width] as const))

/** What axe finds in each theme, and in forced colours over either scheme, on one page. */
async function lookAt({ panel, render }: Mounted, props: AuthDevtoolsPanelProps): Promise<void> {
  for (const theme of ['light', 'dark'] as const) {
    await render({ ...props, theme })
    await until(() => panel.dataset['theme'] === theme)
    expect(await findViolations(panel), theme).toEqual([])
  }
  await render(props)
  for (const [scheme, ground] of [
    ['light', 'rgb(255, 255, 255)'],
    ['dark', 'rgb(0, 0, 0)'],
  ] as const) {
    await forceColours('active', scheme)
    await until(() => panel.dataset['theme'] === 'forced')
    expect(getComputedStyle(panel).backgroundColor).toBe(ground)
    expect(await findViolations(panel), `forced colours, ${scheme}`).toEqual([])
  }
  await forceColours('none')
}

describe('axe finds nothing', () => {
  it.each(looks)('in the tab %s, at %d pixels, with a step of an incident shown and without', async (tab, width) => {
    const props = { recording, controls }
    mounted = await mountPanel(props, { width, height: 560 })
    const { panel } = mounted
    await click(button(panel, 'Show race'))
    await until(() => button(panel, 'Show everything') !== undefined)
    await click(button(panel, tab))
    await until(() => panel.querySelector(ready[tab]!) !== null)
    await lookAt(mounted, props)
    // A narrow panel has room for the detail once the incident is left.
    await click(button(panel, 'Show everything'))
    expect(panel.querySelector('.af-detail h2') !== null).toBe(['Timeline', 'Table'].includes(tab))
    await lookAt(mounted, props)
  })

  it.each(themes)('while it follows two tabs, stands still, is paused and says what is wrong: %s', async (theme) => {
    if (theme === 'forced') await forceColours('active')
    const both = [...flight({ at: 0, lasting: 100 }), ...flight({ at: 500, lasting: 100, tab: 'tab-2' })]
    unregister = recorderHook().register(sourceOf(moveTo(both, recordTime(), 2_000)))
    mounted = await mountPanel({ theme: theme === 'forced' ? 'system' : theme, accountLabel: () => 'alice' })
    const { panel } = mounted
    await until(() => panel.querySelector('.af-lane-labels small')?.textContent === 'this tab')
    expect(await findViolations(panel)).toEqual([])
    for (const pill of ['Live', 'Rec']) {
      const control = button(panel, pill)!
      await click(control)
      expect(control.getAttribute('aria-pressed')).toBe('false')
    }
    const files = panel.querySelector('.af-view')!
    const dataTransfer = new DataTransfer()
    dataTransfer.items.add(new File(['{'], 'bad.json'))
    await act(async () => void files.dispatchEvent(new DragEvent('dragover', { dataTransfer, bubbles: true })))
    expect(panel.querySelector('[data-dropping]')).not.toBeNull()
    expect(await findViolations(panel)).toEqual([])
    await act(async () => void files.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true })))
    await until(() => panel.querySelector('.af-message') !== null)
    expect(await findViolations(panel)).toEqual([])
  })

  it('in the menu and in the sheet of keys, in every theme', async () => {
    mounted = await mountPanel({ recording })
    const { panel } = mounted
    const menu = panel.querySelector<HTMLElement>('.af-menu')!
    await act(async () => menu.showPopover())
    await until(() => button(menu, 'Keys') !== undefined)
    await lookAt(mounted, { recording })
    expect(menu.matches(':popover-open')).toBe(true)
    await click(button(menu, 'Keys'))
    await until(() => panel.querySelector('dialog')?.open === true)
    await lookAt(mounted, { recording })
    expect(panel.querySelector('dialog')?.open).toBe(true)
  })
})
