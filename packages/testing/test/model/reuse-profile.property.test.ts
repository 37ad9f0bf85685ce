import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Model, Verdict } from '../../src/model/authorization-server.ts'
import type { RefreshToken } from '../../src/model/session.ts'
import type { ReuseProfile } from '../../src/model/reuse-profile.ts'
import { activeTokens, createFixture } from './model-fixture.ts'

interface Presentation {
  readonly token: RefreshToken
  readonly wasRotated: boolean
  /** Epoch milliseconds. */
  readonly at: number
  readonly verdict: Verdict
}

/** What can be seen after a presentation, the last of the history. */
interface View {
  readonly model: Model
  readonly history: readonly Presentation[]
  readonly last: Presentation
}

/** Present the nth token known by then (modulo their number), after so many seconds. */
const step = fc.record({ nth: fc.nat(30), wait: fc.constantFrom(0, 0, 0, 1, 20, 40, 100) })
const schedule = fc.array(step, { minLength: 1, maxLength: 40 })

/** Two sign-ins, then every presentation of the schedule, with a look at the server after each. */
function play(profile: ReuseProfile, steps: readonly { nth: number; wait: number }[], holds: (view: View) => boolean) {
  const { model, clock, signIn, refresh } = createFixture(profile)
  const known = [signIn(), signIn()]
  const history: Presentation[] = []
  return steps.every(({ nth, wait }) => {
    clock.seconds += wait
    const token = known[nth % known.length] as RefreshToken
    const wasRotated = token.rotated !== null
    const last = { token, wasRotated, at: clock.seconds * 1000, verdict: refresh(token) }
    history.push(last)
    known.splice(0, known.length, ...model.refreshTokens.values())
    return holds({ model, history, last })
  })
}

const strict: ReuseProfile = { name: 'strict' }
const idempotent: ReuseProfile = { name: 'idempotent' }
const grace: ReuseProfile = { name: 'grace', seconds: 30 }
const branches: ReuseProfile = { name: 'branches', seconds: 30 }
const nonRotating: ReuseProfile = { name: 'non-rotating', answer: 'same' }
const sometimesRotating: ReuseProfile = { name: 'sometimes-rotating', every: 3 }
const gotrueV1: ReuseProfile = { name: 'gotrue-v1', seconds: 30 }
const gotrueV2: ReuseProfile = { name: 'gotrue-v2', seconds: 30 }
const all = [strict, idempotent, grace, branches, nonRotating, sometimesRotating, gotrueV1, gotrueV2]

const invariants: { title: string; of: ReuseProfile[]; holds: (view: View) => boolean }[] = [
  {
    title: 'after a refusal of a session’s token none of its tokens is granted anything',
    of: all,
    holds({ history, last }) {
      const ofSession = history.filter(({ token }) => token.session === last.token.session)
      return !last.verdict.granted || ofSession.every(({ verdict }) => verdict.granted)
    },
  },
  {
    title: 'an answer belongs to the session of the token that was presented',
    of: all,
    holds({ last: { token, verdict } }) {
      if (!verdict.granted) return true
      return verdict.accessToken.session === token.session && verdict.refreshToken?.session === token.session
    },
  },
  {
    title: 'a session has exactly one live refresh token, or has ended',
    of: all.filter((profile) => profile !== branches && profile !== gotrueV1),
    holds: ({ model }) =>
      model.sessions.every((session) => {
        const live = activeTokens(model).filter((token) => token.session === session)
        return live.length === (session.ended ? 0 : 1)
      }),
  },
  {
    title: 'a rotated token that comes again kills all tokens of its session',
    of: [strict, sometimesRotating],
    holds({ model, last: { token, wasRotated } }) {
      const living = [...model.accessTokens.values()].filter((access) => model.checkAccess(access.value))
      return !wasRotated || ![...activeTokens(model), ...living].some(({ session }) => session === token.session)
    },
  },
  {
    title: 'one token never gets two different successors',
    of: [idempotent, grace],
    holds({ history, last: { token } }) {
      const answers = history.filter((presentation) => presentation.token === token).map(({ verdict }) => verdict)
      return new Set(answers.map((verdict) => verdict.granted && verdict.refreshToken).filter(Boolean)).size <= 1
    },
  },
  {
    title: 'every granted presentation of a token gets a successor of its own',
    of: [strict, branches],
    holds({ history }) {
      const successors = history.flatMap(({ verdict }) => (verdict.granted ? [verdict.refreshToken] : []))
      return new Set(successors).size === successors.length
    },
  },
  {
    title: 'the parent of the newest token is granted that token, whenever it comes',
    of: [gotrueV1, gotrueV2],
    holds({ history, last }) {
      const before = history.at(-2)
      const isParent = before?.verdict.granted && before.verdict.refreshToken?.parent === last.token
      return !isParent || (last.verdict.granted && last.verdict.refreshToken === before.verdict.refreshToken)
    },
  },
  {
    title: 'every rotated token of a session leads to the one that lives',
    of: [gotrueV2],
    holds: ({ model, last: { verdict } }) =>
      !verdict.granted || (verdict.refreshToken !== null && activeTokens(model).includes(verdict.refreshToken)),
  },
  {
    title: 'no rotated token is granted anything after its time',
    of: [grace, branches],
    holds: ({ last: { token, wasRotated, at, verdict } }) =>
      !wasRotated || !verdict.granted || at - (token.rotated?.at ?? 0) <= 30_000,
  },
]

const cases = invariants.flatMap(({ of, ...invariant }) => of.map((profile) => ({ ...invariant, profile })))

test.each(cases)('$profile.name: $title', ({ profile, holds }) => {
  const property = fc.property(schedule, (steps) => play(profile, steps, holds))
  expect(fc.check(property, { numRuns: 300 }).counterexample).toBeNull()
})

test('how many of ten presentations of one token each profile grants', () => {
  const storm = (profile: ReuseProfile) => {
    const { signIn, refresh } = createFixture(profile)
    const token = signIn()
    return Array.from({ length: 10 }, () => refresh(token)).filter(({ granted }) => granted).length
  }
  expect(all.map((profile) => `${profile.name}: ${storm(profile)} of 10`)).toEqual([
    'strict: 1 of 10',
    'idempotent: 10 of 10',
    'grace: 10 of 10',
    'branches: 10 of 10',
    'non-rotating: 10 of 10',
    'sometimes-rotating: 3 of 10',
    'gotrue-v1: 10 of 10',
    'gotrue-v2: 10 of 10',
  ])
})
