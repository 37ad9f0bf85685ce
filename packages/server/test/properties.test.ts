import type { Answer } from '@authflight/client'
import { createTelemetry } from '@authflight/client/telemetry'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCoordinator } from '../src/create.ts'
import type { LocalEngine } from '../src/engine.ts'
import { type Ask, memoryEngine } from '../src/index.ts'
import type { Keyring } from '../src/keyring.ts'
import { createNesting } from '../src/nesting.ts'
import type { Parts } from '../src/parts.ts'
import { busy, refused, tokensOf } from './support/presenter.ts'
import { createRealm } from './support/set-up.ts'

/** What the app and its users do. The scheduler decides when, and when each answer and each step of the engine comes. */
type Step =
  | {
      readonly kind: 'refresh'
      readonly process: number
      readonly token: number
      readonly isLive: boolean
      readonly answer: AnswerKind
    }
  | { readonly kind: 'synchronize'; readonly process: number; readonly token: number; readonly isFailing: boolean }
  | { readonly kind: 'leave'; readonly process: number; readonly token: number; readonly answer: AnswerKind }
  | { readonly kind: 'end'; readonly process: number; readonly token: number }
  | { readonly kind: 'reset'; readonly process: number }
  | { readonly kind: 'pass'; readonly ms: number }

type AnswerKind = 'rotate' | 'refuse' | 'busy' | 'lose' | 'crash' | 'never'

const process = fc.integer({ min: 0, max: 1 })
const token = fc.integer({ min: 0, max: 1 })
const answer = fc.constantFrom<AnswerKind>('rotate', 'rotate', 'refuse', 'busy', 'lose', 'crash', 'never')
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('refresh'), process, token, isLive: fc.boolean(), answer }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('synchronize'), process, token, isFailing: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave'), process, token, answer }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end'), process, token }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset'), process }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.constantFrom(1, 900, 4_000, 9_000, 20_000) }) },
) as fc.Arbitrary<Step>

const profile = fc.constantFrom('fatal' as const, 'idempotent' as const)

/** Names and seals that hide nothing and need no thread of their own: the order of events is the scheduler's alone. */
const openKeyring: Keyring = {
  sessionOf: async (session) => ({ name: session, display: '0'.repeat(12) }),
  lockerOf: async (text, session) => ({
    place: { session: session ?? text, token: text },
    display: '0'.repeat(12),
    seal: async (letter) => new TextEncoder().encode(letter),
    open: async (sealed) => new TextDecoder().decode(sealed),
  }),
}

function createWorld(scheduler: fc.Scheduler, of: Parts['profile']) {
  // What is digested is thrown away, and real cryptography would have an order of its own.
  const { realm, time } = createRealm({ digest: async () => '0'.repeat(64) })
  const memory = memoryEngine(realm)
  /** Each step of the engine takes as long as the scheduler likes, there and back. */
  const slow =
    <A extends unknown[], R>(label: string, call: (...of: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      await scheduler.schedule(Promise.resolve(), `${label} goes`)
      const result = await call(...given)
      return scheduler.schedule(Promise.resolve(result), `${label} comes back`)
    }
  const engine: LocalEngine = {
    ...memory,
    get size() {
      return memory.size
    },
    claim: slow('claim', memory.claim),
    publish: slow('publish', memory.publish),
    fail: slow('fail', memory.fail),
    end: slow('end', memory.end),
  }

  /** A reset drops what is held, so only calls that came after the last one exclude each other. */
  let epoch = 0
  const presenting = new Map<string, number>()
  const presentingHere = new Map<string, number>()
  const blocks = new Map<string, number>()
  /** Sessions whose end was confirmed, in this epoch. */
  const ended = new Set<string>()
  /** The same by process: a caller that joins a refresh elsewhere may still get what was on its way back when the session ended. */
  const endedHere = new Set<string>()
  const unwanted = new Set<string>()
  const revoked: string[] = []
  let minted = 0
  /** What was seen that may not be. An error thrown in the app's code would be the library's to handle, and go unseen. */
  const faults: string[] = []
  const check = (is: boolean, fault: string): void => void (is || faults.push(fault))

  const count = (of: Map<string, number>, key: string, by: 1 | -1): number => {
    const now = (of.get(key) ?? 0) + by
    of.set(key, now)
    return now
  }

  const createProcess = (n: number) => {
    const coordinator = createCoordinator({
      realm,
      telemetry: createTelemetry(realm, `process ${n}`, null),
      engine,
      keyring: openKeyring,
      nesting: createNesting(null),
      profile: of,
      terminal: { invalid_grant: 'rejected' },
      revoke: async ({ refreshToken }) => revoked.push(refreshToken ?? '') > 0,
      issuer: 'https://id.example.test',
      clientId: 'web',
      resultTtl: 10_000,
      patience: 8_000,
      requestLimit: 5_000,
    })

    /** Presents, and minds its signal as every `fetch` does. */
    const presentAs =
      (text: string, session: string, kind: AnswerKind, begun: number): Ask =>
      async ({ signal }) => {
        const at = `${text} ${begun}`
        check(count(presenting, at, 1) === 1 || begun !== epoch, `two presentations of ${at}`)
        count(presentingHere, `${n} ${at}`, 1)
        check((blocks.get(`${n} ${at}`) ?? 0) === 0 || begun !== epoch, `a presentation of ${at} beside a block`)
        try {
          const aborted = new Promise<never>((_, reject) => {
            signal.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')))
          })
          if (kind === 'never') return await aborted
          await Promise.race([scheduler.schedule(Promise.resolve(), `the server answers: ${kind}`), aborted])
          if (kind === 'crash') throw new Error('the app’s own')
          if (kind === 'lose') return { kind: 'silent', cause: 'network' } satisfies Answer
          if (kind === 'refuse') return refused()
          if (kind === 'busy') return busy()
          minted += 1
          const refreshToken = `minted ${minted}`
          if (ended.has(session)) unwanted.add(refreshToken)
          return tokensOf({ refreshToken })
        } finally {
          count(presenting, at, -1)
          count(presentingHere, `${n} ${at}`, -1)
        }
      }

    async function refresh(id: number, kind: AnswerKind, isLive: boolean, signal?: AbortSignal): Promise<void> {
      const [text, session] = [`token ${id}`, `session ${id}`]
      const wasEnded = endedHere.has(`${n} ${session}`)
      const begun = epoch
      const ask = presentAs(text, session, kind, begun)
      try {
        const { refreshToken } = await coordinator.refresh(text, ask, { session, hasLiveAccessToken: isLive, signal })
        // Nobody is given what came after the sign-out, and nothing is given to who asks after it.
        check(!(wasEnded && begun === epoch), `${session} was served after its end`)
        check(begun !== epoch || !unwanted.has(refreshToken ?? ''), `${session} was given what came after its end`)
      } catch (error) {
        check(typeof (error as { code?: unknown }).code === 'string', `an error of no name: ${String(error)}`)
      }
    }

    async function synchronize(id: number, isFailing: boolean): Promise<void> {
      const begun = epoch
      const block = async (): Promise<void> => {
        const at = `${n} token ${id} ${begun}`
        check(count(blocks, at, 1) === 1 || begun !== epoch, `two blocks of ${at}`)
        check((presentingHere.get(at) ?? 0) === 0 || begun !== epoch, `a block of ${at} beside a presentation`)
        await scheduler.schedule(Promise.resolve(), 'a block ends')
        count(blocks, at, -1)
        if (isFailing) throw Object.assign(new Error('the block’s own'), { code: 'block' })
      }
      const failed = (error: { code?: unknown }): void =>
        check(error.code === 'block' || error.code === 'timeout', `an error of no name: ${JSON.stringify(error)}`)
      await coordinator.synchronize(`token ${id}`, block).catch(failed)
    }

    return { coordinator, refresh, synchronize }
  }
  const processes = [createProcess(0), createProcess(1)]

  async function run(each: Step): Promise<void> {
    const { coordinator, refresh, synchronize } = processes[
      'process' in each ? each.process : 0
    ] as (typeof processes)[0]
    switch (each.kind) {
      case 'refresh':
        return refresh(each.token, each.answer, each.isLive)
      case 'synchronize':
        return synchronize(each.token, each.isFailing)
      case 'leave': {
        const leave = new AbortController()
        void scheduler.schedule(Promise.resolve(), 'a caller leaves').then(() => leave.abort())
        return refresh(each.token, each.answer, false, leave.signal)
      }
      case 'end': {
        const begun = epoch
        await coordinator.end(`session ${each.token}`)
        if (begun !== epoch) return
        ended.add(`session ${each.token}`)
        endedHere.add(`${each.process} session ${each.token}`)
        return
      }
      case 'reset':
        epoch += 1
        ended.clear()
        endedHere.clear()
        for (const { coordinator: its } of processes) its.reset()
        return
      case 'pass':
        return time.advance(each.ms)
    }
  }

  return {
    run,
    processes,
    faults,
    memory,
    time,
    unwanted,
    revoked,
    get epoch() {
      return epoch
    },
  }
}

test('whatever comes in whatever order: one presentation of a token at a time, everybody settles, nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      profile,
      fc.array(step, { minLength: 4, maxLength: 14 }),
      async (scheduler, of, steps) => {
        const world = createWorld(scheduler, of)
        let open = steps.length
        for (const each of steps) {
          void scheduler
            .schedule(Promise.resolve(), each.kind)
            .then(() => world.run(each))
            .catch((fault: unknown) => world.faults.push(String(fault)))
            .finally(() => (open -= 1))
        }
        // Everything ends by its own deadline, however long the scheduler holds things up.
        for (let rounds = 0; rounds < 40 && open > 0; rounds += 1) {
          await scheduler.waitIdle()
          world.time.advance(5_000)
        }
        await scheduler.waitIdle()
        expect(world.faults).toEqual([])
        expect(open).toBe(0)
        for (
          let rounds = 0;
          rounds < 40 && world.processes.some(({ coordinator }) => coordinator.entryCount > 0);
          rounds += 1
        ) {
          world.time.advance(5_000)
          await scheduler.waitIdle()
        }
        expect(world.processes.map(({ coordinator }) => coordinator.entryCount)).toEqual([0, 0])
        const unrevoked = [...world.unwanted].filter((token) => !world.revoked.includes(token))
        expect(world.epoch === 0 ? unrevoked : []).toEqual([])
        world.time.advance(10 * 86_400_000)
        expect(world.memory.size).toBe(0)
        expect(world.time.timers).toBe(0)
      },
    ),
    { numRuns: 400 },
  )
}, 60_000)
