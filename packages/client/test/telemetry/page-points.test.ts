import { expect, test } from 'vitest'
import type { PageSignal } from '../../src/realm/page.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'
import { createTelemetry } from '../../src/telemetry/operation.ts'
import { recordPage } from '../../src/telemetry/page-points.ts'
import { realmRing } from '../../src/telemetry/ring.ts'
import { recordAll } from '../support/observe.ts'

test('what the page went through is a point each, and what says nothing about it is none', () => {
  const { records } = recordAll()
  const telemetry = createTelemetry(systemRealm, 'client', realmRing(systemRealm, 50))
  const signals: PageSignal[] = [
    'visible',
    'hidden',
    'frozen',
    'resumed',
    'restored',
    'online',
    'offline',
    'focus',
    'pagehide',
    'pageshow',
  ]
  for (const signal of signals) recordPage(telemetry, signal)
  expect(records.map(({ attributes }) => Object.values(attributes)[0])).toEqual([
    'visible',
    'hidden',
    'frozen',
    'resumed',
    'bfcache',
    'online',
    'offline',
  ])
})
