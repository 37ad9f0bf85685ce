import {
  type Answer,
  isAuthApiError,
  isAuthRefreshDiscardedError,
  isAuthRetryableFetchError,
  type User,
} from '@authflight/client'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { turns, until } from './support/clock.ts'
import { busy, createPresenter, refused, tokensOf } from './support/presenter.ts'
import { loseAnswer, setUp, watch } from './support/set-up.ts'

describe('one presentation', () => {
  test('a hundred holders share it, and each gets its tokens', async () => {
    const { coordinator, presenter, ask } = setUp()
    const calls = Array.from({ length: 100 }, () => coordinator.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    presenter.last.rotate()
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 100 }, () => tokensOf().tokens))
    expect(presenter.count).toBe(1)
    expect(coordinator.entryCount).toBe(0)
  })

  test('what they share is frozen down to its leaves, and what the app’s code brought is not', async () => {
    const { coordinator, presenter, ask } = setUp()
    const calls = [1, 2].map(() => coordinator.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    const user = { id: 'u', claims: { roles: ['reader'] } }
    const scopes = ['openid']
    presenter.last.rotate({ user, scopes })
    const [one] = await Promise.all(calls)
    expect([one, one?.user?.claims.roles, one?.scopes].map(Object.isFrozen)).toEqual([true, true, true])
    expect([user, user.claims.roles, scopes].map(Object.isFrozen)).toEqual([false, false, false])
    const late = await coordinator.refresh('token 1', ask)
    expect([late, late.user?.claims.roles].map(Object.isFrozen)).toEqual([true, true])
  })

  test('the place is taken before the first await: two calls in one turn are one refresh', async () => {
    const { coordinator, presenter, ask } = setUp()
    void coordinator.refresh('token 1', ask)
    void coordinator.refresh('token 1', ask)
    expect(coordinator.entryCount).toBe(1)
    await until(() => presenter.count > 0)
    await turns()
    expect(presenter.count).toBe(1)
    presenter.last.rotate()
  })

  test('holders of different tokens do not wait for each other', async () => {
    const { coordinator, presenter, ask } = setUp()
    const one = coordinator.refresh('token 1', ask)
    // Which of the two comes first is for their digests to say.
    const others = createPresenter()
    const other = coordinator.refresh('token of another', others.ask)
    await until(() => presenter.count === 1 && others.count === 1)
    expect(coordinator.entryCount).toBe(2)
    others.last.rotate({ accessToken: 'the-others' })
    expect((await other).accessToken).toBe('the-others')
    presenter.last.rotate()
    await one
    expect(coordinator.entryCount).toBe(0)
  })

  test('two coordinators on one engine, as in two processes, make one presentation', async () => {
    const { coordinator, create, presenter, ask } = setUp()
    const other = create()
    const calls = [coordinator, other, coordinator, other].map((each) => each.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    await turns()
    presenter.last.rotate()
    expect((await Promise.all(calls)).map(({ accessToken }) => accessToken)).toEqual(Array(4).fill('access-2'))
    expect(presenter.count).toBe(1)
    // They were there when it was presented: nobody came late.
    expect(coordinator.servedLate + other.servedLate).toBe(0)
  })

  test('coordinators with an engine each share nothing', async () => {
    const { coordinator, create, presenter, ask } = setUp()
    const other = create({ engine: undefined } as object)
    const calls = [coordinator.refresh('token 1', ask), other.refresh('token 1', ask)]
    await until(() => presenter.count === 2)
    for (const presentation of presenter.presentations) presentation.rotate()
    await Promise.all(calls)
  })

  test('issuer and client are part of every name: another client presents its own', async () => {
    const { coordinator, create, presenter, ask } = setUp()
    const other = create({ clientId: 'another' })
    const calls = [coordinator.refresh('token 1', ask), other.refresh('token 1', ask)]
    await until(() => presenter.count === 2)
    for (const presentation of presenter.presentations) presentation.rotate()
    await Promise.all(calls)
  })
})

describe('tokens of code in JavaScript', () => {
  const unknown = { tokenType: 'bearer', expiresIn: null, refreshExpiresIn: null, scopes: null, user: null }

  test.each<[string, object, object]>([
    ['leave parts out', { refreshToken: 'token 2' }, { ...unknown, refreshToken: 'token 2' }],
    ['have an empty refresh token', { refreshToken: '' }, { ...unknown, refreshToken: null }],
    ['have impossible lifetimes', { expiresIn: Number.NaN, refreshExpiresIn: -5 }, { ...unknown, refreshToken: null }],
  ])('that %s are the same for who waits and who comes late', async (_, given, whole) => {
    const { coordinator, time } = setUp()
    const tokens = { accessToken: 'access-2', ...given }
    const ask = async () => ({ kind: 'tokens', tokens }) as Answer
    expect(await coordinator.refresh('token 1', ask)).toEqual({ accessToken: 'access-2', ...whole })
    time.advance(9_000)
    expect(await coordinator.refresh('token 1', ask)).toEqual({ accessToken: 'access-2', ...whole })
    expect(coordinator.servedLate).toBe(1)
  })

  test('that come after the limit are made whole as well', async () => {
    const { coordinator, presenter, ask, time } = setUp({ requestLimit: 3_000 })
    const first = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    time.advance(3_000)
    await until(() => first.isSettled)
    presenter.last.answer({ kind: 'tokens', tokens: { accessToken: 'access-2', refreshToken: 'token 2' } } as Answer)
    await turns()
    expect(await coordinator.refresh('token 1', ask)).toEqual({
      accessToken: 'access-2',
      ...unknown,
      refreshToken: 'token 2',
    })
  })
})

describe('users', () => {
  const asking = (user: object) => async () => tokensOf({ user: user as User })

  test('of any size are shared', async () => {
    const { coordinator } = setUp()
    const user = { id: 'u', claims: { picture: 'x'.repeat(1_000_000) } }
    const first = await coordinator.refresh('token 1', asking(user))
    expect(await coordinator.refresh('token 1', asking({ id: 'another' }))).toEqual(first)
    expect(first.user).toEqual(user)
  })

  test.each<[string, object]>([
    ['a BigInt', { id: 'u', claims: { n: 5n } }],
    ['a BigInt for an id', { id: 5n }],
    ['a cycle', ((claims: Record<string, unknown>) => ({ id: 'u', claims: (claims.self = claims) }))({})],
  ])('with what JSON refuses, as %s, cost nobody the tokens: who it is counts as not told', async (_, user) => {
    const { coordinator } = setUp()
    const first = await coordinator.refresh('token 1', asking(user))
    expect(first).toEqual(tokensOf().tokens)
    expect(await coordinator.refresh('token 1', asking(user))).toEqual(first)
    expect(coordinator.servedLate).toBe(1)
  })

  test('are what JSON makes of them for who waits as well as for who comes late', async () => {
    const { coordinator } = setUp()
    const user = { id: 'u', name: undefined, claims: { since: new Date(0) } }
    const first = await coordinator.refresh('token 1', asking(user))
    expect(first.user).toStrictEqual({ id: 'u', claims: { since: '1970-01-01T00:00:00.000Z' } })
    expect(await coordinator.refresh('token 1', asking(user))).toStrictEqual(first)
  })
})

describe('who comes late', () => {
  test('gets the same result within its time, with what is left of the lifetimes, and is counted', async () => {
    const { coordinator, presenter, ask, time } = setUp()
    const first = coordinator.refresh('token 1', ask)
    await until(() => presenter.count > 0)
    presenter.last.rotate({ expiresIn: 300, refreshExpiresIn: 1_000 })
    expect(await first).toMatchObject({ expiresIn: 300, refreshExpiresIn: 1_000 })
    expect(coordinator.servedLate).toBe(0)

    time.advance(9_400)
    const late = await Promise.all([coordinator.refresh('token 1', ask), coordinator.refresh('token 1', ask)])
    expect(late[0]).toEqual({ ...tokensOf().tokens, expiresIn: 290, refreshExpiresIn: 990 })
    expect(late[1]).toEqual(late[0])
    expect(coordinator.servedLate).toBe(2)
    expect(presenter.count).toBe(1)
  })

  test('after its time presents the old token itself, so that the server can see a theft', async () => {
    const { coordinator, presenter, ask, time } = setUp({ resultTtl: 5_000 })
    const first = coordinator.refresh('token 1', ask)
    await until(() => presenter.count > 0)
    presenter.last.rotate()
    await first
    time.advance(5_000)
    const late = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count === 2)
    presenter.last.answer(refused())
    await until(() => late.isSettled)
    expect(late.error).toMatchObject({ code: 'session_ended' })
    expect(coordinator.servedLate).toBe(0)
  })

  test('a lifetime that is over has nothing left, and one that is unknown stays unknown', async () => {
    const { coordinator, presenter, ask, time } = setUp()
    const first = coordinator.refresh('token 1', ask)
    await until(() => presenter.count > 0)
    presenter.last.rotate({ expiresIn: 3, refreshExpiresIn: null })
    await first
    time.advance(8_000)
    expect(await coordinator.refresh('token 1', ask)).toMatchObject({ expiresIn: 0, refreshExpiresIn: null })
  })

  test('presents where the access token has died and the server kept the refresh token', async () => {
    const { coordinator, presenter, ask, time } = setUp()
    for (const accessToken of ['dies', 'young']) {
      const call = coordinator.refresh('token 1', ask)
      await until(() => presenter.count === (accessToken === 'dies' ? 1 : 2))
      presenter.last.rotate({ accessToken, expiresIn: 5, refreshToken: 'token 1' })
      expect((await call).accessToken).toBe(accessToken)
      time.advance(4_001)
    }
  })

  test('by default the result is kept for 10 seconds', async () => {
    const { coordinator, presenter, ask, time } = setUp()
    const first = coordinator.refresh('token 1', ask)
    await until(() => presenter.count > 0)
    presenter.last.rotate()
    await first
    time.advance(9_999)
    await coordinator.refresh('token 1', ask)
    time.advance(1)
    void coordinator.refresh('token 1', ask).catch(() => {})
    await until(() => presenter.count === 2)
    presenter.last.rotate()
  })
})

describe('failures', () => {
  test('a terminal one is everybody’s, and whoever comes late does not present again', async () => {
    const { coordinator, presenter, ask, time } = setUp()
    const calls = [1, 2, 3].map(() => watch(coordinator.refresh('token 1', ask)))
    await until(() => presenter.count > 0)
    presenter.last.answer(refused('invalid_grant', 400))
    await until(() => calls.every(({ isSettled }) => isSettled))
    time.advance(9_000)
    calls.push(watch(coordinator.refresh('token 1', ask)))
    await until(() => calls.every(({ isSettled }) => isSettled))

    expect(presenter.count).toBe(1)
    for (const { error } of calls) {
      expect(isAuthApiError(error)).toBe(true)
      expect(error).toMatchObject({ code: 'session_ended', status: 400 })
    }
    expect(new Set(calls.map(({ error }) => error)).size).toBe(4)
    expect(coordinator.servedLate).toBe(0)
  })

  test('a busy server’s Retry-After is everybody’s, counted down, and then it is tried again', async () => {
    const { coordinator, presenter, ask, time } = setUp()
    const first = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    presenter.last.answer(busy(20_000))
    await until(() => first.isSettled)
    expect(isAuthRetryableFetchError(first.error)).toBe(true)
    expect(first.error).toMatchObject({ code: 'server_error', status: 503, retryAt: time.clock.now() + 20_000 })

    time.advance(15_000)
    const late = watch(coordinator.refresh('token 1', ask))
    await until(() => late.isSettled)
    expect(late.error).toMatchObject({ code: 'server_error', status: 503, retryAt: time.clock.now() + 5_000 })
    expect(presenter.count).toBe(1)

    time.advance(5_000)
    const again = coordinator.refresh('token 1', ask)
    await until(() => presenter.count === 2)
    presenter.last.rotate()
    expect((await again).accessToken).toBe('access-2')
  })

  test.each([
    [0, 1_000],
    [200, 1_000],
    [600_000, 60_000],
    [Infinity, 60_000],
    [-1, 1_000],
    [Number.NaN, 1_000],
    ['20000', 20_000],
    ['soon', 1_000],
    [20_000n, 20_000],
    [{}, 1_000],
    [undefined, 1_000],
  ])('a Retry-After of %o ms counts as %d', async (told, counted) => {
    const { coordinator, presenter, ask, time } = setUp()
    const call = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    presenter.last.answer(busy(told as number))
    await until(() => call.isSettled)
    expect(call.error).toMatchObject({ retryAt: time.clock.now() + counted })
  })

  describe('of a server that contends with itself', () => {
    const contention: Answer = { kind: 'refused', status: 400, error: 'invalid_request', retryAfter: 2_000 }

    async function setUpContended(options: Parameters<typeof setUp>[0] = {}, prepare?: (leave: () => void) => void) {
      const all = setUp(options)
      const leave = new AbortController()
      const { signal } = leave
      const calls = [1, 2].map(() => watch(all.coordinator.refresh('token 1', all.ask, { session: 's', signal })))
      await until(() => all.presenter.count === 1)
      prepare?.(() => leave.abort())
      await turns()
      all.presenter.last.answer(contention)
      await turns()
      const pass = async (ms: number): Promise<void> => {
        all.time.advance(ms)
        await turns()
      }
      return { ...all, calls, pass, leave: () => leave.abort() }
    }

    test('is told to nobody where asking once more, after its pause and some jitter, brings tokens', async () => {
      const { presenter, calls, pass } = await setUpContended()
      await pass(2_749)
      expect([presenter.count, calls.some(({ isSettled }) => isSettled)]).toEqual([1, false])
      await pass(1)
      await until(() => presenter.count === 2)
      presenter.last.rotate()
      await until(() => calls.every(({ isSettled }) => isSettled))
      expect(calls.map(({ error }) => error)).toEqual([undefined, undefined])
    })

    test('is told after the second time', async () => {
      const { presenter, calls, pass } = await setUpContended()
      await pass(2_750)
      await until(() => presenter.count === 2)
      presenter.last.answer(contention)
      await until(() => calls.every(({ isSettled }) => isSettled))
      for (const { error } of calls) expect(error).toMatchObject({ code: 'server_error', status: 400 })
      expect(presenter.count).toBe(2)
    })

    test('is told at once to who waits no longer than the rest would last', async () => {
      const { calls } = await setUpContended({ patience: 2_700 })
      await until(() => calls.every(({ isSettled }) => isSettled))
      for (const { error } of calls) expect(error).toMatchObject({ code: 'server_error', status: 400 })
    })

    describe('while one waits who joined later', () => {
      async function setUpJoined() {
        const all = setUp({ patience: 4_000 })
        const leave = new AbortController()
        const began = watch(all.coordinator.refresh('token 1', all.ask))
        await until(() => all.presenter.count === 1)
        all.time.advance(2_000)
        const joined = watch(all.coordinator.refresh('token 1', all.ask, { signal: leave.signal }))
        return { ...all, began, joined, leave: () => leave.abort() }
      }

      test('is asked once more where that one’s patience is long enough, and who began goes when its own is over', async () => {
        const { presenter, time, began, joined } = await setUpJoined()
        presenter.last.answer(contention)
        await turns()
        expect(began.isSettled).toBe(false)
        time.advance(2_000)
        await until(() => began.isSettled)
        expect(began.error).toMatchObject({ code: 'timeout' })
        time.advance(749)
        await turns()
        expect([presenter.count, joined.isSettled]).toEqual([1, false])
        time.advance(1)
        await until(() => presenter.count === 2)
        presenter.last.rotate()
        await until(() => joined.isSettled)
        expect(joined.error).toBeUndefined()
      })

      test('is told at once where that one has gone by then, and who began would not wait for so long', async () => {
        const { presenter, began, joined, leave } = await setUpJoined()
        leave()
        await until(() => joined.isSettled)
        presenter.last.answer(contention)
        await until(() => began.isSettled)
        expect(began.error).toMatchObject({ code: 'server_error', status: 400 })
      })
    })

    test('is not asked once more where all have gone before or meanwhile, and who comes then is told what it said', async () => {
      const early = await setUpContended({}, (leave) => leave())
      const late = await setUpContended()
      late.leave()
      await late.pass(2_750)
      for (const { coordinator, presenter, ask } of [early, late]) {
        const next = watch(coordinator.refresh('token 1', ask, { session: 's' }))
        await until(() => next.isSettled)
        expect(next.error).toMatchObject({ code: 'server_error', status: 400 })
        expect(presenter.count).toBe(1)
      }
    })

    test('is told where the engine has gone away meanwhile', async () => {
      const { engine, presenter, calls, pass } = await setUpContended()
      vi.spyOn(engine, 'claim').mockRejectedValue(new Error('away'))
      await pass(2_750)
      await until(() => calls.every(({ isSettled }) => isSettled))
      for (const { error } of calls) expect(error).toMatchObject({ code: 'server_error', status: 400 })
      expect(presenter.count).toBe(1)
    })

    test('stays a lost answer where it was one, and the engine has gone away meanwhile', async () => {
      const { coordinator, engine, presenter, ask, time } = setUp()
      await loseAnswer({ coordinator, presenter, ask, time })
      const again = watch(coordinator.refresh('token 1', ask))
      await until(() => presenter.count === 2)
      presenter.last.answer(contention)
      await turns()
      vi.spyOn(engine, 'claim').mockRejectedValueOnce(new Error('away'))
      time.advance(2_750)
      await until(() => again.isSettled)
      expect(again.error).toMatchObject({ code: 'server_error', status: 400 })
      time.advance(60_000)
      const live = watch(coordinator.refresh('token 1', ask, { hasLiveAccessToken: true }))
      await until(() => live.isSettled || presenter.count > 2)
      expect(live.error).toMatchObject({ code: 'refresh_unknown_outcome' })
    })

    test('is asked once more by who presents alone, without an engine', async () => {
      const { engine, coordinator, presenter, ask, time } = setUp({ profile: 'idempotent' })
      vi.spyOn(engine, 'claim').mockRejectedValue(new Error('away'))
      const call = watch(coordinator.refresh('token 1', ask))
      await until(() => presenter.count === 1)
      presenter.last.answer(contention)
      await turns()
      time.advance(2_750)
      await until(() => call.isSettled || presenter.count === 2)
      presenter.last.rotate()
      await until(() => call.isSettled)
      expect(call.value).toMatchObject({ accessToken: 'access-2' })
    })

    test('asks nobody again for a session that was ended meanwhile', async () => {
      const { coordinator, presenter, calls, pass } = await setUpContended()
      await coordinator.end('s')
      await pass(2_750)
      await until(() => calls.every(({ isSettled }) => isSettled))
      for (const { error } of calls) expect(error).toMatchObject({ code: 'refresh_discarded' })
      expect(presenter.count).toBe(1)
    })
  })

  test('without a Retry-After the pauses double, and a success ends them', async () => {
    const { coordinator, presenter, ask, time } = setUp()
    const pauses: number[] = []
    for (let turn = 1; turn <= 4; turn += 1) {
      const call = watch(coordinator.refresh('token 1', ask))
      await until(() => presenter.count === turn)
      presenter.last.answer(busy())
      await until(() => call.isSettled)
      const pause = (call.error as { retryAt: number }).retryAt - time.clock.now()
      pauses.push(pause)
      time.advance(pause)
    }
    // Half of a pause is jitter, and this realm's chance is one half.
    expect(pauses).toEqual([1_000, 1_500, 3_000, 6_000])
  })

  test('an error of the app’s own code has an unknown outcome for all, and is not told to anybody', async () => {
    const { coordinator, presenter, ask } = setUp()
    const calls = [1, 2].map(() => watch(coordinator.refresh('token 1', ask)))
    await until(() => presenter.count > 0)
    presenter.last.crash(new TypeError('fetch failed for token 1'))
    await until(() => calls.every(({ isSettled }) => isSettled))
    for (const { error } of calls) {
      expect(error).toMatchObject({ code: 'network' })
      expect(String(error)).not.toContain('token 1')
    }
  })

  test.each([
    undefined,
    null,
    'tokens',
    {},
    { kind: 'tokens' },
    { kind: 'tokens', tokens: {} },
    { kind: 'tokens', tokens: { accessToken: '' } },
    { kind: 'other' },
  ])('what is no answer (%o) is named, and counts as lost', async (nonsense) => {
    const { coordinator } = setUp()
    const call = watch(coordinator.refresh('token 1', (async () => nonsense) as never))
    await until(() => call.isSettled)
    expect(call.error).toMatchObject({ code: 'malformed_response' })
    expect(String(call.error)).toContain('must resolve with an Answer')
  })

  test('an engine that answers nonsense has an unknown outcome, under no other name, and nothing is left of it', async () => {
    const { coordinator, engine, ask, time } = setUp()
    vi.spyOn(engine, 'claim').mockResolvedValueOnce(undefined as never)
    await expect(coordinator.refresh('token 1', ask)).rejects.toMatchObject({
      code: 'refresh_unknown_outcome',
      retryAt: time.clock.now() + 1_000,
    })
    expect(coordinator.entryCount).toBe(0)
  })

  test('a runtime without Web Crypto is named', async () => {
    const failing = vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new Error('no such algorithm'))
    onTestFinished(() => failing.mockRestore())
    const { coordinator, ask } = setUp()
    await expect(coordinator.refresh('token 1', ask)).rejects.toMatchObject({ code: 'unsupported' })
  })

  test('a fault of Web Crypto that passes is forgotten', async () => {
    const failing = vi.spyOn(crypto.subtle, 'deriveBits').mockRejectedValue(new Error('not now'))
    onTestFinished(() => failing.mockRestore())
    const { coordinator } = setUp()
    const ask = async () => tokensOf()
    await expect(coordinator.refresh('token 1', ask)).rejects.toMatchObject({
      name: 'AuthRetryableFetchError',
      code: 'unsupported',
    })
    failing.mockRestore()
    expect((await coordinator.refresh('token 1', ask)).accessToken).toBe('access-2')
  })

  test('a mistake in the app’s code that is named to it is named to all, as what no pause ends', async () => {
    const { coordinator, ask } = setUp()
    const call = watch(coordinator.refresh('token 1', () => coordinator.refresh('', ask) as never))
    await until(() => call.isSettled)
    expect(isAuthRetryableFetchError(call.error)).toBe(false)
    expect(call.error).toMatchObject({ code: 'invalid_option' })
    expect(String(call.error)).toContain('takes a refresh token')
  })

  test('code that throws at once is like code that rejects', async () => {
    const { coordinator } = setUp()
    const call = watch(
      coordinator.refresh('token 1', () => {
        throw new Error('at once')
      }),
    )
    await until(() => call.isSettled)
    expect(call.error).toMatchObject({ code: 'network' })
    expect(coordinator.entryCount).toBe(0)
  })

  test('code that throws before it has sent anything is told that it has, and what kind of error', async () => {
    const { coordinator } = setUp()
    let tokens = 0
    const told = async (ask: Parameters<typeof coordinator.refresh>[1]) => {
      const call = watch(coordinator.refresh(`token ${(tokens += 1)}`, ask))
      await until(() => call.isSettled)
      return call.error
    }
    const itself = await told(async () => {
      throw new TypeError('token 1')
    })
    const message =
      'The function given to refresh() threw (TypeError) before it sent anything through `io`. Look for the fault there. The session is kept.'
    expect(itself).toMatchObject({ code: 'network', message })
    // No browser is in between.
    const network = 'The authorization server could not be reached. Check the network. The session is kept.'
    for (const way of ['fetch', 'present'] as const)
      expect(await told(async (io) => (await io[way]('http://127.0.0.1:1')) as never)).toMatchObject({
        message: network,
      })
  })
})

describe('a lost answer', () => {
  async function lose(options: Parameters<typeof setUp>[0], hasLiveAccessToken: boolean) {
    const parts = setUp(options)
    const { coordinator, presenter, ask, time } = parts
    const first = watch(coordinator.refresh('token 1', ask, { hasLiveAccessToken }))
    await until(() => presenter.count > 0)
    presenter.last.answer({ kind: 'silent', cause: 'network' })
    await until(() => first.isSettled)
    time.advance(1_000)
    return parts
  }

  /** Somebody whose access token is dead asks, it is presented, and the server answers this. Gives what the caller is told. */
  async function presentAgain({ coordinator, presenter, ask }: ReturnType<typeof setUp>, answer: Answer) {
    const before = presenter.count
    const again = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count === before + 1)
    presenter.last.answer(answer)
    await until(() => again.isSettled)
    return again.error
  }

  test.each(['fatal', 'unknown'] as const)(
    'with a %s server it is not presented again while the access token lives',
    async (profile) => {
      const { coordinator, presenter, ask, time } = await lose({ profile }, true)
      const again = watch(coordinator.refresh('token 1', ask, { hasLiveAccessToken: true }))
      await until(() => again.isSettled)
      expect(again.error).toMatchObject({ code: 'refresh_unknown_outcome', retryAt: time.clock.now() + 1_000 })
      expect(presenter.count).toBe(1)
    },
  )

  test('with a fatal server and a dead access token it is presented until an answer comes: nothing is left to lose', async () => {
    const parts = await lose({ profile: 'fatal' }, true)
    const { coordinator, presenter, ask, time } = parts
    for (const turn of [2, 3]) {
      const lost = await presentAgain(parts, { kind: 'silent', cause: 'network' })
      expect(presenter.count).toBe(turn)
      time.advance((lost as { retryAt: number }).retryAt - time.clock.now())
    }
    const again = coordinator.refresh('token 1', ask)
    await until(() => presenter.count === 4)
    presenter.last.rotate()
    expect((await again).accessToken).toBe('access-2')
  })

  test('whose token is refused when it is presented again has ended the session, and the error says that', async () => {
    const error = await presentAgain(await lose({ profile: 'fatal' }, true), refused())
    expect(error).toMatchObject({ code: 'session_ended' })
    expect(String(error)).toContain('An earlier answer for this session was lost')
  })

  test('stays one where the server is too busy to look: then it is left alone again', async () => {
    const parts = await lose({ profile: 'fatal' }, true)
    const { coordinator, presenter, ask, time } = parts
    await presentAgain(parts, busy())
    time.advance(60_000)
    const live = coordinator.refresh('token 1', ask, { hasLiveAccessToken: true })
    await expect(live).rejects.toMatchObject({ code: 'refresh_unknown_outcome' })
    expect(String(await presentAgain(parts, refused()))).toContain('An earlier answer for this session was lost')
    expect(presenter.count).toBe(3)
  })

  test('stays one where it could not be presented in time, three times over', async () => {
    const { coordinator, presenter, ask, time } = await lose({ profile: 'fatal', patience: 600_000 }, true)
    const again = watch(
      coordinator.refresh('token 1', async (io) => {
        time.stall(10_001)
        await io.present('https://id.example.test/token', { method: 'POST' })
        return tokensOf()
      }),
    )
    await until(() => again.isSettled)
    expect(String(again.error)).toContain('ran out before it was sent')
    time.advance(60_000)
    const live = coordinator.refresh('token 1', ask, { hasLiveAccessToken: true })
    await expect(live).rejects.toMatchObject({ code: 'refresh_unknown_outcome' })
    expect(presenter.count).toBe(1)
  })

  test('is none any more once the server refuses the token', async () => {
    const parts = await lose({ profile: 'fatal' }, true)
    const { coordinator, presenter, ask, time } = parts
    await presentAgain(parts, refused())
    expect(presenter.count).toBe(2)
    time.advance(60_000)
    void coordinator.refresh('token 1', ask, { hasLiveAccessToken: true })
    await until(() => presenter.count === 3)
  })

  test('whose token lives on for one caller and not for another is presented for the other', async () => {
    const { coordinator, presenter, ask } = await lose({ profile: 'fatal' }, true)
    const live = watch(coordinator.refresh('token 1', ask, { hasLiveAccessToken: true }))
    const dead = [1, 2].map(() => coordinator.refresh('token 1', ask))
    await until(() => live.isSettled && presenter.count === 2)
    expect(live.error).toMatchObject({ code: 'refresh_unknown_outcome' })
    presenter.last.rotate()
    for (const call of dead) expect((await call).accessToken).toBe('access-2')
    expect(presenter.count).toBe(2)
    expect(coordinator.entryCount).toBe(0)
  })

  test.each(['idempotent', 'branches'] as const)('with a server that is %s it is presented again', async (profile) => {
    const { coordinator, presenter, ask } = await lose({ profile }, true)
    const again = coordinator.refresh('token 1', ask, { hasLiveAccessToken: true })
    await until(() => presenter.count === 2)
    presenter.last.rotate()
    await again
  })

  test('an error of the app’s own code, which may have sent the token, counts as one', async () => {
    const { coordinator, presenter, ask, time } = setUp()
    const first = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    presenter.last.crash(new TypeError('fetch failed'))
    await until(() => first.isSettled)
    time.advance(1_000)
    const again = watch(coordinator.refresh('token 1', ask, { hasLiveAccessToken: true }))
    await until(() => again.isSettled)
    expect(again.error).toMatchObject({ code: 'refresh_unknown_outcome' })
    expect(presenter.count).toBe(1)
  })

  test('an answer that comes after the limit all the same is not thrown away', async () => {
    const { coordinator, presenter, ask, time } = setUp({ requestLimit: 3_000 })
    const first = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    expect(presenter.last.io.signal.aborted).toBe(false)
    time.advance(3_000)
    await until(() => first.isSettled)
    expect(presenter.last.io.signal.aborted).toBe(true)
    expect(first.error).toMatchObject({ code: 'timeout' })

    presenter.last.rotate()
    await turns()
    expect((await coordinator.refresh('token 1', ask)).accessToken).toBe('access-2')
    expect(presenter.count).toBe(1)
  })

  test.each([
    ['a refusal', refused()],
    ['that it was busy', busy()],
  ])('an answer that comes after the limit and brings %s changes nothing', async (_, answer) => {
    const { coordinator, presenter, ask, time } = setUp({ requestLimit: 3_000 })
    const first = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    time.advance(3_000)
    await until(() => first.isSettled)
    presenter.last.answer(answer)
    await turns()
    time.advance(2_000)
    const live = coordinator.refresh('token 1', ask, { hasLiveAccessToken: true })
    await expect(live).rejects.toMatchObject({ code: 'refresh_unknown_outcome' })
    expect(presenter.count).toBe(1)
  })

  test('code that never answers and does not send through `io.present` has perhaps sent: it counts as lost', async () => {
    const { coordinator, presenter, ask, time } = setUp({ requestLimit: 3_000 })
    const first = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    time.advance(3_000)
    await until(() => first.isSettled)
    time.advance(2_000)
    const again = watch(coordinator.refresh('token 1', ask, { hasLiveAccessToken: true }))
    await until(() => again.isSettled)
    expect(again.error).toMatchObject({ code: 'refresh_unknown_outcome' })
    expect(presenter.count).toBe(1)
  })
})

describe('a session that was ended', () => {
  const session = 'session 1'

  test('gives a result that is there already to nobody', async () => {
    const { coordinator, presenter, ask } = setUp()
    const first = coordinator.refresh('token 1', ask, { session })
    await until(() => presenter.count > 0)
    presenter.last.rotate()
    await first
    await coordinator.end(session, { ttl: 60_000 })
    const late = watch(coordinator.refresh('token 1', ask, { session }))
    await until(() => late.isSettled)
    expect(isAuthRefreshDiscardedError(late.error)).toBe(true)
    expect(late.error).toMatchObject({ reason: 'signed_out' })
    expect(presenter.count).toBe(1)
  })

  test('gives a result that is under way to nobody, and revokes the token that it brings', async () => {
    const revoke = vi.fn(async () => true)
    const { coordinator, presenter, ask } = setUp({ revoke })
    const calls = [1, 2].map(() => watch(coordinator.refresh('token 1', ask, { session })))
    await until(() => presenter.count > 0)
    await coordinator.end(session)
    presenter.last.rotate({ refreshToken: 'unwanted' })
    await until(() => calls.every(({ isSettled }) => isSettled))
    for (const { error } of calls) {
      expect(isAuthRefreshDiscardedError(error)).toBe(true)
      expect(String(error)).toContain('A sign-out ended the session')
    }
    expect(revoke).toHaveBeenCalledExactlyOnceWith(
      { ...tokensOf().tokens, refreshToken: 'unwanted' },
      expect.objectContaining({ signal: expect.any(AbortSignal) as unknown }),
      'local',
    )
  })

  test('an answer that comes after its limit and after the sign-out is revoked, too', async () => {
    const revoke = vi.fn(async () => true)
    const { coordinator, presenter, ask, time } = setUp({ revoke, requestLimit: 3_000 })
    const first = watch(coordinator.refresh('token 1', ask, { session }))
    await until(() => presenter.count > 0)
    time.advance(3_000)
    await until(() => first.isSettled)
    await coordinator.end(session)
    presenter.last.rotate({ refreshToken: 'unwanted' })
    await until(() => revoke.mock.calls.length > 0)
    expect(revoke).toHaveBeenCalledTimes(1)
  })

  test('a failure that comes after it is a sign-out for all, and nothing is revoked', async () => {
    const revoke = vi.fn(async () => true)
    const { coordinator, presenter, ask } = setUp({ revoke })
    const call = watch(coordinator.refresh('token 1', ask, { session }))
    await until(() => presenter.count > 0)
    await coordinator.end(session)
    presenter.last.answer(refused())
    await until(() => call.isSettled)
    expect(isAuthRefreshDiscardedError(call.error)).toBe(true)
    expect(revoke).not.toHaveBeenCalled()
  })

  test('whoever waits in another process is told at once', async () => {
    const { coordinator, create, presenter, ask } = setUp()
    void coordinator.refresh('token 1', ask, { session }).catch(() => {})
    await until(() => presenter.count > 0)
    const waiting = watch(create().refresh('token 1', ask, { session }))
    await turns()
    expect(waiting.isSettled).toBe(false)
    await coordinator.end(session)
    await until(() => waiting.isSettled)
    expect(isAuthRefreshDiscardedError(waiting.error)).toBe(true)
    presenter.last.rotate()
  })

  test('is one session: others go on, also with a token of the same text', async () => {
    const { coordinator, presenter, ask } = setUp()
    await coordinator.end(session)
    const other = coordinator.refresh('token 1', ask, { session: 'session 2' })
    await until(() => presenter.count > 0)
    presenter.last.rotate()
    await other
  })

  test('stays ended for its time, which is never shorter than a refresh may take and its result may wait unread', async () => {
    const { coordinator, presenter, ask, time } = setUp({ requestLimit: 4_000 })
    await coordinator.end(session, { ttl: 1 })
    time.advance(3_608_999)
    const early = watch(coordinator.refresh('token 1', ask, { session }))
    await until(() => early.isSettled)
    expect(isAuthRefreshDiscardedError(early.error)).toBe(true)
    time.advance(1)
    void coordinator.refresh('token 1', ask, { session })
    await until(() => presenter.count === 1)
    presenter.last.rotate()
  })

  test('a revocation that throws, at once or later, harms nobody', async () => {
    for (const revoke of [
      () => {
        throw new Error('at once')
      },
      async () => {
        throw new Error('later')
      },
    ]) {
      const { coordinator, presenter, ask } = setUp({ revoke })
      const call = watch(coordinator.refresh('token 1', ask, { session }))
      await until(() => presenter.count > 0)
      await coordinator.end(session)
      presenter.last.rotate()
      await until(() => call.isSettled)
      expect(isAuthRefreshDiscardedError(call.error)).toBe(true)
    }
  })
})

describe('a caller', () => {
  test('goes when its signal says so, or when its patience is over, and the others stay', async () => {
    const { coordinator, presenter, ask, time } = setUp({ patience: 2_000 })
    const leave = new AbortController()
    const leaving = watch(coordinator.refresh('token 1', ask, { signal: leave.signal }))
    const hasty = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    time.advance(1_000)
    const staying = coordinator.refresh('token 1', ask)
    leave.abort()
    await until(() => leaving.isSettled)
    time.advance(1_000)
    await until(() => hasty.isSettled)
    expect(leaving.error).toMatchObject({ code: 'aborted' })
    expect(hasty.error).toMatchObject({ code: 'timeout', status: 503, retryAt: time.clock.now() + 1_000 })
    presenter.last.rotate()
    expect((await staying).accessToken).toBe('access-2')
    expect(presenter.count).toBe(1)
    expect(coordinator.entryCount).toBe(0)
  })

  test.each<[string, unknown, string]>([
    ['signal was aborted before it came', AbortSignal.abort(), 'aborted'],
    ['signal is none', 7, 'invalid_option'],
  ])('whose %s starts nothing', async (_, signal, code) => {
    const { coordinator, presenter, ask } = setUp()
    await expect(coordinator.refresh('token 1', ask, { signal: signal as never })).rejects.toMatchObject({ code })
    await turns()
    expect(presenter.count).toBe(0)
    expect(coordinator.entryCount).toBe(0)
  })

  test('of a server that never answers hears that of the request, by the defaults', async () => {
    const { coordinator, presenter, ask, time } = setUp()
    const call = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    time.advance(10_000)
    await until(() => call.isSettled)
    expect(String(call.error)).toContain('within the request limit')
  })

  test('may all have gone: the refresh goes on, its result waits for who comes next, and then its entry is gone', async () => {
    const { coordinator, presenter, ask, time } = setUp({ patience: 1_000 })
    const gone = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    time.advance(1_000)
    await until(() => gone.isSettled)
    expect(coordinator.entryCount).toBe(1)
    presenter.last.rotate()
    await until(() => coordinator.entryCount === 0)
    expect((await coordinator.refresh('token 1', ask)).accessToken).toBe('access-2')
  })

  test('that has gone finds the result within an hour, and for `resultTtl` from then on others do', async () => {
    const { coordinator, presenter, ask, time } = setUp({ patience: 1_000 })
    const gone = watch(coordinator.refresh('token 1', ask))
    await until(() => presenter.count > 0)
    time.advance(1_000)
    await until(() => gone.isSettled)
    presenter.last.rotate({ expiresIn: 7_200 })
    await until(() => coordinator.entryCount === 0)
    time.advance(3_599_000)
    expect(await coordinator.refresh('token 1', ask)).toMatchObject({ accessToken: 'access-2', expiresIn: 3_601 })
    time.advance(900)
    expect(await coordinator.refresh('token 1', ask)).toMatchObject({ accessToken: 'access-2', expiresIn: 3_600 })
    expect(presenter.count).toBe(1)
  })

  test('that has gone in another process, too, finds the result: nobody was given it', async () => {
    const { coordinator, create, presenter, ask, time } = setUp({ profile: 'fatal' })
    const leave = new AbortController()
    const { signal } = leave
    const callers = [coordinator, create()].map((each) => watch(each.refresh('token 1', ask, { signal })))
    await until(() => presenter.count > 0)
    await turns()
    leave.abort()
    await until(() => callers.every(({ isSettled }) => isSettled))
    presenter.last.rotate()
    await turns()
    time.advance(11_000)
    expect((await coordinator.refresh('token 1', ask)).accessToken).toBe('access-2')
    expect(presenter.count).toBe(1)
    // From then on its time runs.
    time.advance(10_000)
    void coordinator.refresh('token 1', ask)
    await until(() => presenter.count === 2)
  })

  test('that goes while the result is being sealed was not given it', async () => {
    const { coordinator, engine, presenter, ask } = setUp()
    const publish = vi.spyOn(engine, 'publish')
    const leave = new AbortController()
    const gone = watch(coordinator.refresh('token 1', ask, { signal: leave.signal }))
    await until(() => presenter.count > 0)
    const encrypt = crypto.subtle.encrypt.bind(crypto.subtle)
    const sealing = vi.spyOn(crypto.subtle, 'encrypt').mockImplementationOnce(async (...call) => {
      leave.abort()
      await until(() => gone.isSettled)
      return encrypt(...call)
    })
    onTestFinished(() => sealing.mockRestore())
    presenter.last.rotate()
    await until(() => publish.mock.calls.length > 0)
    expect(publish.mock.lastCall).toMatchObject([{}, {}, {}, { awaited: false }])
  })

  test.each([null, 'token 1'])(
    'that has gone leaves no old access token where the server kept the refresh token (%o)',
    async (refreshToken) => {
      const { coordinator, presenter, ask, time } = setUp({ patience: 1_000 })
      const gone = watch(coordinator.refresh('token 1', ask))
      await until(() => presenter.count > 0)
      time.advance(1_000)
      await until(() => gone.isSettled)
      presenter.last.rotate({ refreshToken })
      await until(() => coordinator.entryCount === 0)
      time.advance(10_000)
      const young = coordinator.refresh('token 1', ask)
      await until(() => presenter.count === 2)
      presenter.last.rotate({ refreshToken, accessToken: 'young' })
      expect((await young).accessToken).toBe('young')
    },
  )

  test('that is given the result leaves it `resultTtl`, however many have gone before', async () => {
    const { coordinator, presenter, ask, time } = setUp()
    const leave = new AbortController()
    const gone = watch(coordinator.refresh('token 1', ask, { signal: leave.signal }))
    const stays = coordinator.refresh('token 1', ask)
    await until(() => presenter.count > 0)
    leave.abort()
    await until(() => gone.isSettled)
    presenter.last.rotate()
    await stays
    time.advance(10_000)
    void coordinator.refresh('token 1', ask)
    await until(() => presenter.count === 2)
    presenter.last.rotate()
  })

  test.each([undefined, null, '', '  ', 'one \ud800', 'té', 'one\ntwo', 0, {}, ['token'], Buffer.from('token')])(
    'with %o for a token is refused before anything is made of it',
    async (token) => {
      const { coordinator, engine, ask, presenter } = setUp()
      await expect(coordinator.refresh(token as string, ask)).rejects.toMatchObject({ code: 'invalid_option' })
      await expect(coordinator.synchronize(token as string, () => 1)).rejects.toMatchObject({ code: 'invalid_option' })
      await expect(coordinator.digest(token as string)).rejects.toMatchObject({ code: 'invalid_option' })
      await turns()
      expect([coordinator.entryCount, engine.size, presenter.count]).toEqual([0, 0, 0])
    },
  )

  test('that gives another session for the same token is refused, and the refresh goes on', async () => {
    const { coordinator, presenter, ask } = setUp()
    const first = coordinator.refresh('token 1', ask, { session: 'session 1' })
    const wrong = coordinator.refresh('token 1', ask, { session: 'session 2' })
    await expect(wrong).rejects.toMatchObject({ code: 'invalid_option' })
    await until(() => presenter.count > 0)
    presenter.last.rotate()
    await first
    expect(coordinator.entryCount).toBe(0)
  })

  test.each([
    ['no function', ['token 1', undefined]],
    ['an empty session', ['token 1', () => {}, { session: '' }]],
    ['a session that is no text', ['token 1', () => {}, { session: 7 }]],
    ['a session that is no text of characters', ['token 1', () => {}, { session: 'one \ud800' }]],
    ['options that are none', ['token 1', () => {}, null]],
    ['a trigger that is none', ['token 1', () => {}, { trigger: 'canary' }]],
    ['a context that is none', ['token 1', () => {}, { otelContext: 'x' }]],
    ['null for a context', ['token 1', () => {}, { otelContext: null }]],
    ['a word for whether the access token lives', ['token 1', () => {}, { hasLiveAccessToken: 'no' }]],
  ])('that gives %s is told so', async (_, call) => {
    const { coordinator } = setUp()
    await expect(coordinator.refresh(...(call as Parameters<typeof coordinator.refresh>))).rejects.toMatchObject({
      code: 'invalid_option',
    })
    expect(coordinator.entryCount).toBe(0)
  })
})
