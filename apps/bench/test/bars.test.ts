import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { bars, elsewhere, judgeBars, writeJudgement } from '../src/bars.ts'
import { processClients } from '../src/clients/clients.ts'
import { panelMotions } from '../src/measures/panel.ts'
import { panelSize } from '../src/measures/sizes.ts'
import { telemetryParts } from '../src/measures/telemetry.ts'
import type { Results } from '../src/results.ts'
import { always, panelResult, processesRow, resultsWith, stormRow, tabsRow } from './results.ts'

const inTabs = (figures: Parameters<typeof tabsRow>[0]): Results =>
  resultsWith({ tabs: { browser: 'Chromium', rows: [tabsRow(figures)] } })

const brokenIn = (results: Results): string[] =>
  judgeBars(results)
    .filter(({ verdict }) => verdict === 'BROKEN')
    .map(({ bar }) => bar.what)

test('a run that keeps to every limit breaks no bar and leaves none out', () => {
  const results = resultsWith({
    fresh: processClients.map(({ name }) => ({ client: name, cost: always(150), ratio: always(2) })),
    storm: [stormRow('authflight, recorder off', 2, 2), stormRow('authflight, ring', 3, 3)],
    telemetry: Object.values(telemetryParts).map((what) => ({ what, cost: always(40), ratio: always(2) })),
    sizes: [
      { what: 'authflight', kB: 9 },
      { what: 'authflight with gotrue', kB: 12 },
      { what: 'authflight with oauth', kB: 18 },
      { what: 'authflight with oauth and DPoP', kB: 20 },
      { what: panelSize.opened, kB: 45 },
      { what: panelSize.production, kB: 0.05 },
    ],
    panel: panelResult(1.1, 2),
    tabs: { browser: 'Chromium', rows: [tabsRow()] },
    processes: [processesRow()],
  })
  expect(judgeBars(results).map(({ verdict }) => verdict)).toEqual(bars.map(() => 'met'))
})

test('what a run did not measure is neither met nor broken', () => {
  expect(judgeBars(resultsWith({})).map(({ verdict }) => verdict)).toEqual(bars.map(() => 'not asked for'))
})

test('one logout, one reuse, one request too many and one round too few are each a broken bar', () => {
  expect(brokenIn(inTabs({ logouts: 1 }))).toEqual(['two tabs: logouts'])
  expect(brokenIn(inTabs({ reuses: 1 }))).toEqual(['two tabs: reuses'])
  expect(brokenIn(inTabs({ requests: 1_001 }))).toEqual(['two tabs: requests a round'])
  expect(brokenIn(inTabs({ rounds: 999, requests: 999 }))).toEqual(['two tabs: rounds'])
})

test('processes that share through Redis may make one request and fail nobody; the other ways are there to compare', () => {
  const processes = [processesRow({ calls: 2, failures: 1 }), processesRow({ way: 'alone', calls: 800, failures: 799 })]
  expect(brokenIn(resultsWith({ processes }))).toEqual([
    '8 processes × 100 callers, Redis: requests',
    '8 processes × 100 callers, Redis: failures',
  ])
  expect(brokenIn(resultsWith({ processes: [processesRow({ way: 'alone' })] }))).toHaveLength(2)
})

test('a storm may cost more with the ring than without', () => {
  const storm = [stormRow('authflight, recorder off', 2.5, 1), stormRow('authflight, ring', 2.5, 3.5)]
  expect(brokenIn(resultsWith({ storm }))).toEqual([
    '100,000, authflight, recorder off: CPU',
    '100,000, authflight, ring: heap',
  ])
})

test('a storm that did not end breaks all its bars', () => {
  const storm = [{ ...stormRow('authflight, recorder off', 1, 1), result: null }, stormRow('authflight, ring', 1, 1)]
  expect(brokenIn(resultsWith({ storm }))).toEqual(
    ['requests', 'served', 'CPU', 'heap'].map((what) => `100,000, authflight, recorder off: ${what}`),
  )
})

test('a row that is missing from a measure breaks its bar', () => {
  expect(brokenIn(resultsWith({ sizes: [{ what: 'authflight', kB: 8 }] }))).toEqual([
    'client with gotrue',
    'client with oauth',
    'client with oauth and DPoP',
    panelSize.opened,
    panelSize.production,
  ])
})

test('a panel that misses frames breaks a bar for each motion in which it does', () => {
  expect(brokenIn(resultsWith({ panel: panelResult(1.2, 2) }))).toEqual(
    panelMotions.map((motion) => `panel, ${motion}: median frame`),
  )
  expect(brokenIn(resultsWith({ panel: panelResult(1, 2.1) }))).toHaveLength(panelMotions.length)
})

test("a peer's figures are held against no bar", () => {
  const rows = [tabsRow(), tabsRow({ client: 'oidc-client-ts', logouts: 1_000, requests: 2_000, reuses: 1_000 })]
  expect(brokenIn(resultsWith({ tabs: { browser: 'Chromium', rows } }))).toEqual([])
})

test('a verdict is told with its figure and its limit', () => {
  const told = judgeBars(inTabs({ logouts: 3 })).find(({ bar }) => bar.what === 'two tabs: logouts')
  expect(told && writeJudgement(told)).toMatch(/^BROKEN +two tabs: logouts +3 +≤ 0$/)
})

test('what is told of a bar that is measured elsewhere names the page that has the whole run', async () => {
  expect(elsewhere).toEqual([expect.stringMatching(/^1,000,000 seeded schedules: .*docs\/explorer\.md$/)])
  const page = await readFile(new URL('../../../docs/explorer.md', import.meta.url), 'utf8')
  expect(page).toContain('npm run explore -- --runs 1000000')
})
