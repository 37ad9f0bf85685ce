import { type Realm, systemRealm } from '@authflight/client/realm'
import { vi } from 'vitest'
import { createRefreshCoordinatorIn } from '../../src/create.ts'
import { createNesting, type Nesting } from '../../src/nesting.ts'
import type { Claimed, LocalEngine, Stored } from '../../src/engine.ts'
import type { LocalCoordinator, LocalOptions, SharedOptions } from '../../src/index.ts'
import { memoryEngine } from '../../src/index.ts'
import { createManualClock, until } from './clock.ts'
import { createPresenter } from './presenter.ts'

/** A realm whose time is the test's. */
export function createRealm(own: Partial<Realm> = {}) {
  const time = createManualClock()
  const realm: Realm = Object.defineProperties({} as Realm, {
    ...Object.getOwnPropertyDescriptors(systemRealm),
    ...Object.getOwnPropertyDescriptors({ clock: time.clock, random: () => 0.5, ...own }),
  })
  return { realm, time }
}

const issuer = 'https://id.example.test'

/** A coordinator on a memory engine, in time that the test owns, and a function that presents. */
export function setUp(
  options: Partial<LocalOptions | SharedOptions> = {},
  nesting: Nesting = createNesting(),
  own: Partial<Realm> = {},
) {
  const { realm, time } = createRealm(own)
  const engine = memoryEngine(realm)
  const create = (more: Partial<LocalOptions | SharedOptions> = {}): LocalCoordinator => {
    const all = { engine, issuer, clientId: 'web', profile: 'fatal', ...options, ...more }
    return createRefreshCoordinatorIn(realm, all as LocalOptions, nesting)
  }
  const presenter = createPresenter()
  return { realm, time, engine, coordinator: create(), create, presenter, ask: presenter.ask }
}

/** What a call came to, once it has: its value, or the code of its error. */
export function watch<T>(call: Promise<T>) {
  const seen: { isSettled: boolean; value?: T; error?: unknown } = { isSettled: false }
  call.then(
    (value) => Object.assign(seen, { isSettled: true, value }),
    (error: unknown) => Object.assign(seen, { isSettled: true, error }),
  )
  return seen
}

/** The first presentation of `token 1`, whose answer is lost, and the time after which it counts as that. */
export async function loseAnswer({
  coordinator,
  presenter,
  ask,
  time,
}: Pick<ReturnType<typeof setUp>, 'coordinator' | 'presenter' | 'ask' | 'time'>): Promise<void> {
  const lost = watch(coordinator.refresh('token 1', ask))
  await until(() => presenter.count === 1)
  presenter.last.crash(new Error('lost'))
  await until(() => lost.isSettled)
  time.advance(5_000)
}

/** Holds back what an engine answers next: it has done what it was asked, and nobody has heard of that. */
export function holdAnswerOnce(engine: LocalEngine, of: 'claim' | 'publish' | 'fail') {
  const call = engine[of] as (...given: unknown[]) => Promise<Claimed & Stored>
  let isThere = false
  let deliver = (): void => {}
  const delivered = new Promise<void>((resolve) => (deliver = resolve))
  vi.spyOn(engine, of).mockImplementationOnce(async (...given: unknown[]) => {
    const answer = await call(...given)
    isThere = true
    await delivered
    return answer
  })
  return { untilThere: () => until(() => isThere), deliver }
}
