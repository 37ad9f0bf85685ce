import { recorderHook, type AuthRecord } from '@authflight/client'
import { createRecorderHook } from '@authflight/client/realm'
import { act } from 'react'
import { afterEach, expect, it } from 'vitest'
import { keepRecords, recallRecords } from '../../src/black-box/index.ts'
import { recordTime } from '../../src/model/relay.ts'
import { explain } from '../../src/report/index.ts'
import { discardBySignOut, flight, moveTo, record, signedIn, sourceOf } from '../fixtures.ts'
import { button, click, mountPanel, until } from './mount.tsx'

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

const recent = (records: readonly AuthRecord[], ago = 5_000) => moveTo(records, recordTime(), ago)

/** What a page that was left for the sign-in page has kept. */
async function visitBefore(records: readonly AuthRecord[]): Promise<void> {
  const hook = createRecorderHook()
  hook.register(sourceOf(records))
  const stop = keepRecords({ hook })
  await recallRecords()
  stop()
}

async function mount() {
  const mounted = await mountPanel()
  undo.push(mounted.unmount)
  return mounted.panel
}

/** The page of now, in a tab of its own. */
function visitNow(records: readonly AuthRecord[]): void {
  const here = records.map((record) => ({ ...record, tab: 'tab-now', client: 'client-now' }))
  undo.push(recorderHook().register(sourceOf(here, 'tab-now')))
}

async function choose(panel: Element, entry: string): Promise<void> {
  const menu = panel.querySelector<HTMLElement>('.af-menu')!
  await act(async () => menu.showPopover())
  await until(() => button(menu, entry) !== undefined)
  await click(button(menu, entry))
}

const headline = (panel: Element) => panel.querySelector('.af-headline p')?.textContent ?? ''
const isRefresh = (row: string) => row.includes('Refresh #1')
const firstIncident = (panel: Element) => panel.querySelector('.af-incident h2')?.textContent ?? ''

it('says after the redirect what it said before, above whatever this page has recorded since', async () => {
  const before = recent(discardBySignOut())
  const { sentence } = explain(before)
  await visitBefore(before)
  visitNow(recent(signedIn(0, { session: 's2' }), 500))
  const panel = await mount()

  await until(() => headline(panel) === sentence)
  await click(button(panel, 'Why?'))
  await until(() => firstIncident(panel) !== '')
  expect(firstIncident(panel)).toBe(sentence)
  expect(sentence).toContain('in Tab A while refresh #1')
})

it('shows a refresh that its page did not live to see the end of, and does not call it under way', async () => {
  await visitBefore(recent([...signedIn(0), ...flight({ at: 1_000, lasting: null })]))
  visitNow([])
  const panel = await mount()
  await until(() => headline(panel) === 'Refresh #1 was cut off with its tab.')
})

it('shows it as ended where the last was heard of its page, though something else had begun later', async () => {
  const atWork = flight({ at: 1_000, lasting: null }).map((each) =>
    each.name === 'authflight.token_request' ? { ...each, endedAt: each.startedAt + 900 } : each,
  )
  await visitBefore(recent([...atWork, record('authflight.record.network', 1_500, 0)]))
  visitNow([])
  const panel = await mount()
  await click(button(panel, 'Table'))
  const lengths = () => [...panel.querySelectorAll('[role=row]')].map((row) => row.textContent).filter(isRefresh)
  await until(() => lengths().length === 1)
  expect(lengths()[0]).toContain('cut off904 ms')
})

it('keeps what this page records for the next one', async () => {
  const here = recent(discardBySignOut())
  visitNow(here)
  await mount()
  const keptIds = async () => (await recallRecords()).records.map(({ id }) => id).toSorted()
  await expect.poll(keptIds).toEqual(here.map(({ id }) => id).toSorted())
})

it('neither keeps nor shows earlier visits where that is switched off', async () => {
  await visitBefore(recent(discardBySignOut()))
  localStorage.setItem('authflight.devtools', JSON.stringify({ keeping: false }))
  visitNow(recent(signedIn(0, { session: 's2' }), 500))
  const panel = await mount()
  await choose(panel, 'Keep over reload')

  // What was left is there as soon as it is wanted.
  await until(() => headline(panel).includes('signed out'))
  await choose(panel, 'Do not keep over reload')
  expect(localStorage.getItem('authflight.devtools')).toContain('"keeping":false')
})

it('forgets the earlier visits when it is cleared', async () => {
  await visitBefore(recent(discardBySignOut()))
  visitNow([])
  const panel = await mount()
  await until(() => headline(panel).includes('signed out'))
  await choose(panel, 'Clear …')
  expect(headline(panel)).toContain('signed out')
  expect((await recallRecords()).records).not.toEqual([])
  await click(button(panel, 'Clear for good'))
  await until(() => !headline(panel).includes('signed out'))
  await expect.poll(async () => (await recallRecords()).records).toEqual([])
})

it('forgets them when it is cleared after keeping was switched off, too', async () => {
  await visitBefore(recent(discardBySignOut()))
  visitNow([])
  const panel = await mount()
  await until(() => headline(panel).includes('signed out'))
  await choose(panel, 'Do not keep over reload')
  await choose(panel, 'Clear …')
  await click(button(panel, 'Clear for good'))
  await expect.poll(async () => (await recallRecords()).records).toEqual([])
})
