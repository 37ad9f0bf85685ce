import { act } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import { send } from '../protocol.ts'
import { ready, recording } from './incident.ts'
import { button, click, findViolations, mountPanel, type Mounted, until } from './mount.tsx'

let mounted: Mounted | undefined
afterEach(async () => {
  await mounted?.unmount()
  mounted = undefined
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
