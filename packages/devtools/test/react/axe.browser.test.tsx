import { recorderHook } from '@authflight/client'
import { act } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
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

/** As a system does that has its own idea of colours. */
const forceColours = (value: 'active' | 'none') =>
  send('Emulation.setEmulatedMedia', { features: [{ name: 'forced-colors', value }] })

const controls = [{ label: 'Refresh', run: () => {} }]

const themes = ['light', 'dark', 'forced'] as const
const widths = [1_280, 400]
const looks = Object.keys(ready).flatMap((tab) =>
  themes.flatMap((theme) => widths.map((width) => [tab, theme, width] as const)),
)

describe('axe finds nothing', () => {
  it.each(looks)('in the tab %s, %s, at %d pixels, with a step of an incident shown', async (tab, theme, width) => {
    if (theme === 'forced') await forceColours('active')
    mounted = await mountPanel(
      { theme: theme === 'forced' ? 'system' : theme, recording, controls },
      { width, height: 560 },
    )
    const { panel } = mounted
    await until(() => panel.dataset['theme'] === theme)
    await click(button(panel, 'Show race'))
    await click(button(panel, tab))
    await until(() => panel.querySelector(ready[tab]!) !== null)
    expect(await findViolations(panel)).toEqual([])
    // A narrow panel has room for the detail once the incident is left.
    await click(button(panel, 'Show everything'))
    expect(panel.querySelector('.af-detail h2') !== null).toBe(['Timeline', 'Table'].includes(tab))
    expect(await findViolations(panel)).toEqual([])
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

  it('in the menu and in the sheet of keys', async () => {
    mounted = await mountPanel({ recording })
    const { panel } = mounted
    const menu = panel.querySelector<HTMLElement>('.af-menu')!
    await act(async () => menu.showPopover())
    await until(() => button(menu, 'Keys') !== undefined)
    expect(await findViolations(panel)).toEqual([])
    await click(button(menu, 'Keys'))
    await until(() => panel.querySelector('dialog')?.open === true)
    expect(await findViolations(panel)).toEqual([])
  })
})
