import { describe, expect, test } from 'vitest'
import { type Fact, type History, invariants } from '../../src/explorer/index.ts'
import {
  answered,
  call,
  called,
  client,
  deed,
  end,
  event,
  historyOf,
  record,
  repeatable,
  sent,
  settled,
  settledFor,
  slot,
  snapshot,
  subscribed,
  timed,
  tombstone,
  view,
  wrote,
  wroteIn,
} from './histories.ts'

const [ada, grace] = [view('ada'), view('grace', { owner: 'grace', user: 'grace', server: 'session-2' })]
const leaving = call('signOut', ada)
const leavingAll = call('signOut everywhere', ada)
const arriving = call('signIn at once', null, { begunAt: 1_000 })
const claim = { kind: 'claim', key: 'claim:1', id: '1', lost: false } as const
const attempt = { kind: 'attempt', key: 'attempt:default:1', server: null } as const
const dead = { ...ada, dead: true }
const jumped = (ms: number): Fact => ({ kind: 'deed', deed: 'clock jumped', tab: null, ms })
const slept = (ms: number): Fact => ({ kind: 'deed', deed: 'slept', tab: null, ms })
/** An attempt of a tab that comes through a sign-out in tab A, and what the clocks did before it and in between. */
const throughASignOut = (tab: string, before: readonly Fact[], between: readonly Fact[]): History =>
  historyOf(
    ...before,
    wroteIn(tab, [null, attempt]),
    ...between,
    called(leaving),
    settled(leaving),
    wroteIn(tab, [attempt, null], [null, slot('s')]),
  )
/** A token that no slot holds any more is presented a second time, after its claim was deleted. */
const broughtBack = (jump: Fact, ...left: readonly Fact[]): History =>
  historyOf(
    wrote([null, slot('ada')]),
    wrote([null, claim]),
    sent(1, 'refresh-1'),
    answered(1, { meaning: 'unknown', gave: null }),
    ...left,
    jump,
    wrote([claim, null]),
    sent(2, 'refresh-1'),
  )
/** The same, where its session was signed out meanwhile, and its tombstone, or another's, is forgotten. */
const broughtBackAfterSignOut = (jump: Fact, of = 'ada', ...before: readonly Fact[]): History =>
  historyOf(
    wrote([null, slot('ada')]),
    wrote([null, claim]),
    sent(1, 'refresh-1'),
    answered(1),
    ...before,
    wrote([slot('ada'), null], [claim, null], [null, tombstone('ada', 'user')]),
    jump,
    wrote([tombstone(of, 'user'), null]),
    sent(2, 'refresh-1', { nothingToLose: true }),
  )
/** A session that was replaced and that nobody has revoked. */
const leftAlone = (...later: readonly Fact[]): History =>
  historyOf(
    sent(1, 'refresh-1'),
    answered(1),
    wrote([null, slot('ada')]),
    wrote([slot('ada'), null], [null, tombstone('ada', 'replaced')]),
    ...later,
    end({ active: [{ token: 'refresh-2', session: 'session-1' }] }),
  )
const asking = call('getSession', ada)
const askingDead = call('getSession', dead)
const refreshing = call('refreshSession', ada)
const late = call('refreshSession', ada, { begunAt: 60_000 })
const fetching = call('fetch', ada)
const leavingGrace = call('signOut', grace)
const leavingUnknown = call('signOut', 'unknown')
const leavingSoon = call('signOut', 'unknown', { begunAt: 1_000 })
const shown = { kind: 'shown', key: 'shown:default', slot: 'slot:default:1' } as const
const adaShown: readonly Fact[] = [wrote([null, slot('ada')], [null, shown])]
const leavingNobody = call('signOut', null)
const bringing = call('setSession exported', null, { brings: 'session-1' })

/** By the invariant's name: histories that break it, and such as look alike and keep it. */
const cases: Record<string, { readonly broken: History[]; readonly kept: History[] }> = {
  'a credential is in no two requests at a time': {
    broken: [
      historyOf(sent(1, 'refresh-1'), sent(2, 'refresh-1', { tab: 'B' })),
      // It was frozen before, or for a moment, or not for as long as a request may take.
      timed(
        [0, deed('frozen', 'A')],
        [5, deed('resumed', 'A')],
        [10, sent(1, 'refresh-1')],
        [9_000, sent(2, 'refresh-1', { tab: 'B' })],
      ),
      timed(
        [0, sent(1, 'refresh-1')],
        [1, deed('frozen', 'A')],
        [2, deed('resumed', 'A')],
        [7_999, sent(2, 'refresh-1', { tab: 'B' })],
      ),
      repeatable(sent(1, 'refresh-1'), sent(2, 'refresh-1')),
      // In one tab nobody needs a claim to know.
      historyOf(wrote([null, claim]), deed('store cleared'), sent(1, 'refresh-1'), sent(2, 'refresh-1')),
      historyOf(
        deed('store cleared'),
        sent(1, 'code-1', { endpoint: 'code' }),
        sent(2, 'code-1', { endpoint: 'code' }),
      ),
      historyOf(deed('store cleared'), wrote([null, claim]), sent(1, 'refresh-1'), sent(2, 'refresh-1', { tab: 'B' })),
      // To end the others is no farewell.
      repeatable(sent(1, 'refresh-1'), sent(2, 'access-1', { endpoint: 'revoke others' }), sent(3, 'refresh-1')),
      historyOf(sent(1, 'refresh-1'), sent(2, 'access-1', { endpoint: 'revoke' }), sent(3, 'refresh-1')),
      // What asks later says no farewell, though another operation has.
      repeatable(
        sent(1, 'refresh-1'),
        sent(2, 'access-1', { endpoint: 'revoke', call: leaving }),
        sent(3, 'refresh-1', { call: refreshing }),
      ),
    ],
    kept: [
      historyOf(sent(1, 'refresh-1'), answered(1), sent(2, 'refresh-1')),
      historyOf(sent(1, 'refresh-1'), { kind: 'unheard', request: 1, because: 'killed' }, sent(2, 'refresh-1')),
      timed([0, sent(1, 'refresh-1')], [1, deed('frozen', 'A')], [8_000, sent(2, 'refresh-1', { tab: 'B' })]),
      // Where there are no locks only its answers tell that it lives.
      {
        ...historyOf(sent(1, 'refresh-1'), deed('frozen', 'A'), sent(2, 'refresh-1', { tab: 'B' })),
        setting: { ...historyOf().setting, locks: false },
      },
      // The claim was cleared away after the last look at it.
      historyOf(
        wrote([null, claim]),
        deed('store cleared'),
        sent(1, 'refresh-1'),
        wroteIn('B', [null, claim]),
        sent(2, 'refresh-1', { tab: 'B' }),
      ),
      // So was that of the other, which was frozen behind its last look.
      historyOf(
        wroteIn('B', [null, claim]),
        deed('store cleared'),
        wrote([null, claim]),
        sent(1, 'refresh-1'),
        sent(2, 'refresh-1', { tab: 'B' }),
      ),
      // GoTrue ends a session only for a living access token, so one that was left is renewed for that beside a refresh of it.
      repeatable(sent(1, 'refresh-1'), sent(2, 'access-1', { endpoint: 'revoke' }), sent(3, 'refresh-1')),
    ],
  },
  'a caller gets something of the user whom it asked for, or of nobody: who was shown, whose tokens it brought, or who came':
    {
      broken: [
        historyOf(called(refreshing), settled(refreshing, grace)),
        historyOf(called(refreshing), settled(refreshing, grace, 'timeout')),
        historyOf(settledFor(call('getAccessToken', ada), 'grace')),
        historyOf(settledFor(call('getUser', ada), 'grace')),
        historyOf(settled(call('setSession foreign', ada, { whom: 'grace' }), ada)),
        historyOf(settled(call('setSession foreign', ada, { whom: 'grace' }), ada, 'timeout')),
      ],
      kept: [
        historyOf(called(refreshing), settled(refreshing, view('later'))),
        historyOf(called(refreshing), settled(refreshing, null, 'refresh_discarded')),
        historyOf(settledFor(call('getAccessToken', ada), 'ada')),
        historyOf(settledFor(call('getAccessToken', 'unknown'), 'grace')),
        historyOf(settled(call('setSession foreign', ada, { whom: 'grace' }), grace)),
        historyOf(settled(call('setSession foreign', ada, { whom: 'grace' }), null, 'timeout')),
      ],
    },
  'who asks for a refresh gets a later revision, or an error': {
    broken: [
      historyOf(called(refreshing), settled(refreshing, ada)),
      timed([0, event('TOKEN_REFRESHED', ada)], [60_000, settled(late, ada)]),
      timed(
        [0, event('TOKEN_REFRESHED', ada)],
        [50_000, deed('frozen', 'A')],
        [59_000, deed('resumed', 'A')],
        [60_000, settled(late, ada)],
      ),
    ],
    kept: [
      historyOf(called(refreshing), settled(refreshing, view('ada', { revision: 2 }))),
      // The timer that ends the wait for a handler stands still in a frozen tab.
      timed(
        [0, event('TOKEN_REFRESHED', ada)],
        [1_000, deed('frozen', 'A')],
        [60_000, deed('resumed', 'A')],
        [60_000, settled(late, ada)],
      ),
      historyOf(called(refreshing), settled(refreshing, ada, 'network')),
      historyOf(event('TOKEN_REFRESHED', ada), called(refreshing), settled(refreshing, ada)),
    ],
  },
  'a session that comes without an error has an access token that lives': {
    broken: [
      historyOf(called(asking), settled(asking, dead)),
      historyOf(snapshot('signed-in', ada), deed('slept'), called(asking), settled(asking, dead)),
      // It was dead when it was asked for, and nothing has set a clock back, or nothing on again since.
      historyOf(called(askingDead), deed('slept'), settled(askingDead, dead)),
      historyOf(called(askingDead), deed('slept'), jumped(-60_000), settled(askingDead, dead)),
      // Another tab had brought it, and it was dead when it was found.
      historyOf(
        called(asking),
        deed('slept'),
        wroteIn('B', [slot('ada'), slot('ada', { revision: 2 })]),
        settled(asking, { ...dead, revision: 2 }),
      ),
      // It was stored before the call.
      historyOf(
        wrote([slot('ada'), slot('ada', { revision: 2 })]),
        deed('slept'),
        called(asking),
        settled(asking, { ...dead, revision: 2 }),
      ),
    ],
    kept: [
      historyOf(called(asking), settled(asking, ada)),
      historyOf(called(asking), settled(asking, dead, 'timeout')),
      historyOf(called(refreshing), settled(refreshing, dead)),
      // It lived when it was chosen.
      historyOf(called(asking), deed('slept'), settled(asking, dead)),
      historyOf(called(askingDead), jumped(-60_000), deed('slept'), settled(askingDead, dead)),
      historyOf(
        called(asking),
        wroteIn('B', [slot('ada'), slot('ada', { revision: 2 })]),
        deed('slept'),
        settled(asking, { ...dead, revision: 2 }),
      ),
      // Another tab had brought it, the browser has lost that, and it was brought again.
      historyOf(
        wroteIn('B', [slot('ada'), slot('ada', { revision: 2 })]),
        deed('writes lost'),
        called(asking),
        deed('slept'),
        snapshot('signed-in', { ...dead, revision: 2 }),
        settled(asking, { ...dead, revision: 2 }),
      ),
      // It came after the device had slept.
      historyOf(
        called(asking),
        deed('slept'),
        wrote([slot('ada'), slot('ada', { revision: 2 })]),
        settled(asking, { ...dead, revision: 2 }),
      ),
    ],
  },
  'an access token belongs to the user of the session that it is handed out with': {
    broken: [historyOf(snapshot('signed-in', view('ada', { owner: 'grace' })))],
    kept: [historyOf(snapshot('signed-in', view('ada', { user: null })))],
  },
  'a request goes out with a token of the user who was shown when it was made': {
    broken: [historyOf(sent(1, 'access-2', { endpoint: 'api', owner: 'grace', call: fetching }))],
    kept: [historyOf(sent(1, 'access-2', { endpoint: 'api', owner: 'ada', call: fetching }))],
  },
  'a session that was left is stored in no slot again': {
    broken: [historyOf(wrote([slot('s'), null], [null, tombstone('s', 'user')]), wrote([null, slot('s')]))],
    kept: [
      historyOf(wrote([slot('s'), null], [null, tombstone('s', 'user')]), wrote([null, slot('other')])),
      historyOf(
        wrote([slot('s'), null], [null, tombstone('s', 'user')]),
        deed('writes lost'),
        wrote([null, slot('s')]),
      ),
    ],
  },
  'a sign-in that was begun after every sign-out is not discarded as left': {
    broken: [
      historyOf(settled(arriving, null, 'refresh_discarded')),
      historyOf(called(leaving), settled(arriving, null, 'attempt_superseded')),
    ],
    kept: [
      historyOf(called(leaving), settled(arriving)),
      historyOf(
        called(leaving),
        called(call('signOut', ada, { begunAt: 999 })),
        settled(arriving, null, 'attempt_superseded'),
      ),
      // What began is gone with its marker, or nobody can tell when it did.
      historyOf(deed('store cleared'), settled(arriving, null, 'attempt_superseded')),
      historyOf(jumped(60_000), settled(arriving, null, 'attempt_superseded')),
      {
        ...historyOf(settled(arriving, null, 'refresh_discarded')),
        setting: { ...historyOf().setting, legacyLock: true },
      },
    ],
  },
  'a sign-out that did not know yet whom it would end has ended who was shown last, unless somebody else was shown meanwhile':
    {
      broken: [
        historyOf(...adaShown, called(leavingSoon), settled(leavingSoon)),
        historyOf(...adaShown, called(call('signOut', ada, { tab: 'B' })), called(leavingSoon), settled(leavingSoon)),
      ],
      kept: [
        historyOf(
          ...adaShown,
          called(leavingSoon),
          wrote([slot('ada'), null], [null, tombstone('ada', 'user')]),
          settled(leavingSoon),
        ),
        // It was told that it did not come about.
        historyOf(...adaShown, called(leavingSoon), settled(leavingSoon, null, 'storage_error')),
        // The store has refused that to its tab, which owes it.
        historyOf(...adaShown, called(leaving), called(leavingSoon), settled(leavingSoon)),
        historyOf(
          ...adaShown,
          called(call('signOut', 'unknown', { begunAt: leavingSoon.begunAt })),
          called(leavingSoon),
          settled(leavingSoon),
        ),
        // Somebody else is shown, or was let in since.
        historyOf(
          ...adaShown,
          called(leavingSoon),
          wrote([shown, { ...shown, slot: 'slot:default:2' }]),
          settled(leavingSoon),
        ),
        historyOf(
          ...adaShown,
          called(leavingSoon),
          wrote([slot('ada'), slot('again', { begun: 1_001 })]),
          settled(leavingSoon),
        ),
        // What a page kept in memory went with it.
        {
          ...historyOf(...adaShown, deed('killed', 'A'), called(leavingSoon), settled(leavingSoon)),
          setting: { ...historyOf().setting, store: 'memory' },
        },
        // Nobody can tell what began before.
        historyOf(...adaShown, deed('slept'), called(leavingSoon), settled(leavingSoon)),
      ],
    },
  'a sign-in that was under way when somebody signed out does not come through afterwards': {
    broken: [
      historyOf(wrote([null, attempt]), called(leaving), settled(leaving), wrote([attempt, null], [null, slot('s')])),
      historyOf(
        wrote([null, attempt]),
        called(leavingAll),
        settled(leavingAll),
        wrote([attempt, null], [null, slot('s')]),
      ),
      // Who signs out has seen the clock ahead, or has begun the attempt itself.
      throughASignOut('B', [slept(61_000), { kind: 'client', tab: 'A', client: 'A.2' }], [jumped(-60_000)]),
      throughASignOut('A', [slept(61_000)], [jumped(-60_000)]),
      // Or has seen it before it was set back further than ahead.
      throughASignOut('B', [slept(61_000)], [jumped(-120_000)]),
      // It was ahead only after the attempt.
      throughASignOut('B', [], [jumped(3_600_000), jumped(-60_000)]),
      // Nothing was set back.
      throughASignOut('B', [], [jumped(60_000)]),
    ],
    kept: [
      historyOf(called(leaving), settled(leaving), wrote([null, attempt]), wrote([attempt, null], [null, slot('s')])),
      // No client of its tab has read the clock while it was ahead.
      throughASignOut('B', [jumped(3_600_000)], [jumped(-60_000)]),
    ],
  },
  'a session that was signed out is not shown again by this client, nor by a later one of its tab': {
    broken: [
      historyOf(called(leaving), settled(leaving), snapshot('signed-in', ada)),
      historyOf(
        called(leaving),
        settled(leaving),
        { kind: 'client', tab: 'A', client: 'A.2' },
        { kind: 'snapshot', tab: 'A', client: 'A.2', status: 'signed-in', session: ada },
      ),
    ],
    kept: [historyOf(called(leaving), snapshot('signed-in', ada), settled(leaving), snapshot('signed-in', grace))],
  },
  'a session that was signed out is gone in the end, from the store and from every client': {
    broken: [
      historyOf(called(leaving), settled(leaving), end({ stored: [slot('ada')] })),
      historyOf(called(leaving), settled(leaving), end({ clients: [client('signed-in', ada)] })),
    ],
    kept: [
      historyOf(
        called(leaving),
        settled(leaving),
        end({ stored: [slot('grace')], clients: [client('signed-in', grace)] }),
      ),
      historyOf(
        called(leaving),
        settled(leaving, undefined, 'storage_error'),
        deed('killed', 'A'),
        end({ stored: [slot('ada')] }),
      ),
    ],
  },
  'a stored session ends by its owner, by a sign-in in its place, or by a terminal answer to its newest token': {
    broken: [
      historyOf(wrote([slot('s'), null], [null, tombstone('s', 'user')])),
      historyOf(wrote([slot('s'), null])),
      // Somebody else signed out, in another tab, or a session that came later.
      historyOf(called(leavingGrace), wrote([slot('s'), null], [null, tombstone('s', 'user')])),
      historyOf(called(leaving), wroteIn('B', [slot('s'), null], [null, tombstone('s', 'user')])),
      historyOf(
        called(leavingGrace),
        wrote([null, slot('s')]),
        wrote([slot('s'), null], [null, tombstone('s', 'user')]),
      ),
      historyOf(
        wrote([null, slot('ada')]),
        snapshot('signed-in', ada),
        called(leavingGrace),
        wrote([slot('ada'), null], [null, tombstone('ada', 'user')]),
      ),
      // What this tab has brought was over, in vain, or is another session at the server, or another tab brings it.
      historyOf(
        called(bringing),
        settled(bringing, null, 'session_ended'),
        called(leavingNobody),
        wrote([slot('s'), null], [null, tombstone('s', 'user')]),
      ),
      historyOf(
        called(bringing),
        called(leavingNobody),
        wrote([slot('s', { server: 'session-2' }), null], [null, tombstone('s', 'user')]),
      ),
      historyOf(
        called({ ...bringing, tab: 'B' }),
        called(leavingNobody),
        wrote([slot('s'), null], [null, tombstone('s', 'user')]),
      ),
      historyOf(called(leavingNobody), called(bringing), wrote([slot('s'), null], [null, tombstone('s', 'user')])),
      // It was begun after a sign-out was called that still looked for whom to end.
      historyOf(
        called(leavingUnknown),
        wrote([null, slot('s', { begun: 1 })]),
        wrote([slot('s', { begun: 1 }), null], [null, tombstone('s', 'user')]),
      ),
      // The same user has begun to sign in again since.
      historyOf(called(leaving), wrote([slot('s', { begun: 1 }), null], [null, tombstone('s', 'user')])),
      // Nobody took its place.
      historyOf(wrote([slot('s'), null], [null, tombstone('s', 'replaced')])),
      historyOf(
        sent(1, 'refresh-0'),
        answered(1, { meaning: 'terminal' }),
        wrote([slot('s'), null], [null, tombstone('s', 'rejected')]),
      ),
      historyOf(
        sent(1, 'refresh-1'),
        answered(1, { meaning: 'unknown' }),
        wrote([slot('s'), null], [null, tombstone('s', 'rejected')]),
      ),
    ],
    kept: [
      historyOf(called(leaving), wrote([slot('s'), null], [null, tombstone('s', 'user')])),
      // It was begun before a sign-out was called that looked for whom to end, wherever that was.
      historyOf(
        called(leavingUnknown),
        wroteIn('B', [null, slot('s')]),
        wrote([slot('s'), null], [null, tombstone('s', 'user')]),
      ),
      // Nobody can tell, who has seen the clock move.
      historyOf(deed('slept'), called(leaving), wrote([slot('s', { begun: 1 }), null], [null, tombstone('s', 'user')])),
      // A sign-in was under way, whose session nobody had been shown yet.
      historyOf(
        wrote([null, slot('s')]),
        called(leavingGrace),
        wrote([slot('s'), null], [null, tombstone('s', 'user')]),
      ),
      // Another tab has made the session that this one was bringing too.
      historyOf(
        called(bringing),
        settled(bringing, null, 'timeout'),
        wroteIn('B', [null, slot('s')]),
        called(leavingNobody),
        wrote([slot('s'), null], [null, tombstone('s', 'user')]),
      ),
      historyOf(wrote([slot('s'), slot('later')], [null, tombstone('s', 'replaced')])),
      historyOf(
        wrote(
          [slot('s'), null],
          [null, tombstone('s', 'replaced')],
          [null, { kind: 'shown', key: 'shown:default', slot: 'slot:default:2' }],
        ),
      ),
      historyOf(
        sent(1, 'refresh-1'),
        answered(1, { meaning: 'terminal' }),
        wrote([slot('s'), null], [null, tombstone('s', 'rejected')]),
      ),
      historyOf(wrote([slot('s'), slot('s', { revision: 2 })])),
    ],
  },
  'a client says that a session is over only when it is: left by somebody, cleared, or refused': {
    broken: [
      historyOf(event('SIGNED_OUT', null, 'ada', 'storage_cleared')),
      historyOf(event('SIGNED_OUT', null, 'ada', 'other_tab')),
      historyOf(snapshot('signed-in', ada), called(leavingGrace), event('SIGNED_OUT', null, 'ada', 'user')),
      historyOf(event('SIGNED_OUT', null, 'ada', 'rejected')),
    ],
    kept: [
      historyOf(deed('store cleared'), event('SIGNED_OUT', null, 'ada', 'storage_cleared')),
      historyOf(snapshot('signed-in', ada), called(leaving), event('SIGNED_OUT', null, 'ada', 'user')),
      historyOf(wrote([null, tombstone('ada', 'user')]), event('SIGNED_OUT', null, 'ada', 'other_tab')),
      historyOf(wrote([null, tombstone('ada', 'rejected')]), event('SIGNED_OUT', null, 'ada', 'rejected')),
    ],
  },
  'in the end a client shows the stored session that it has shown last': {
    broken: [
      historyOf(snapshot('signed-in', ada), end({ stored: [slot('ada')], clients: [client('signed-out', null)] })),
      historyOf(end({ clients: [client('restoring', null)] })),
      historyOf(
        end({
          stored: [slot('ada'), { kind: 'shown', key: 'shown:default', slot: 'slot:default:1' }],
          clients: [client('signed-out', null)],
        }),
      ),
    ],
    kept: [
      historyOf(snapshot('signed-in', ada), end({ stored: [slot('ada')], clients: [client('stale', ada)] })),
      historyOf(snapshot('signed-in', ada), end({ clients: [client('signed-out', null)] })),
    ],
  },
  'every promise settles': {
    broken: [historyOf({ kind: 'stuck', calls: [refreshing] }), historyOf({ kind: 'stuck', calls: [] })],
    kept: [historyOf(called(refreshing), settled(refreshing, null))],
  },
  'a caller waits no longer than its patience, while its tab runs': {
    broken: [
      timed([4_002, settled(refreshing, ada)]),
      timed([4_002, settled(call('signIn at once', null), null, 'timeout')]),
      timed([4_002, settled(leaving, null)]),
      // It had been frozen before, or for less.
      timed([10_000, deed('frozen', 'A')], [11_000, deed('resumed', 'A')], [64_002, settled(late, ada)]),
      timed([61_000, deed('frozen', 'A')], [62_000, deed('resumed', 'A')], [65_002, settled(late, ada)]),
    ],
    kept: [
      timed([4_001, settled(refreshing, ada)]),
      timed([4_001, settled(leaving, null)]),
      timed([90_000, settled(fetching, null)]),
      timed([61_000, deed('frozen', 'A')], [69_000, deed('resumed', 'A')], [69_001, settled(late, ada)]),
    ],
  },
  'every operation that is recorded begins once and ends once': {
    broken: [
      { ...historyOf(), records: [record()] },
      { ...historyOf(), records: [record(), record({ endedAt: 1 }), record({ endedAt: 2 })] },
    ],
    kept: [
      { ...historyOf(), records: [record(), record({ endedAt: 1 })] },
      { ...historyOf(deed('killed', 'A')), records: [record()] },
    ],
  },
  'a wait that is recorded points at the flight that it waited for': {
    broken: [{ ...historyOf(), records: [record(), record({ id: '2', name: 'authflight.wait', endedAt: 1 })] }],
    kept: [
      {
        ...historyOf(),
        records: [
          record(),
          record({ id: '2', name: 'authflight.wait', endedAt: 1, links: [{ traceId: '1', id: '1' }] }),
        ],
      },
    ],
  },
  'INITIAL_SESSION comes first and once': {
    broken: [
      historyOf(subscribed, event('SIGNED_IN', ada)),
      historyOf(subscribed, event('INITIAL_SESSION', null), event('INITIAL_SESSION', null)),
      historyOf(subscribed, end({ clients: [client('signed-out', null)] })),
    ],
    kept: [
      historyOf(
        subscribed,
        event('INITIAL_SESSION', null),
        event('SIGNED_IN', ada),
        end({ clients: [client('signed-in', ada)] }),
      ),
    ],
  },
  'events come in order: nobody goes or is refreshed who did not come, nobody comes twice, no revision is told twice': {
    broken: [
      historyOf(subscribed, event('INITIAL_SESSION', ada), event('TOKEN_REFRESHED', view('ada', { revision: 1 }))),
      historyOf(subscribed, event('INITIAL_SESSION', null), event('TOKEN_REFRESHED', ada)),
      historyOf(
        subscribed,
        event('INITIAL_SESSION', ada),
        event('TOKEN_REFRESHED', view('ada', { revision: 2 })),
        event('SIGNED_OUT', null, 'grace', 'user'),
      ),
    ],
    kept: [
      historyOf(
        subscribed,
        event('INITIAL_SESSION', ada),
        event('TOKEN_REFRESHED', view('ada', { revision: 2 })),
        event('SIGNED_OUT', null, 'ada', 'user'),
        event('SIGNED_IN', grace),
      ),
    ],
  },
  'in the end the events have told what the client shows': {
    broken: [historyOf(subscribed, event('INITIAL_SESSION', ada), end({ clients: [client('signed-in', grace)] }))],
    kept: [
      historyOf(
        subscribed,
        event('INITIAL_SESSION', ada),
        event('ACCOUNT_SWITCHED', grace),
        end({ clients: [client('signed-in', grace)] }),
      ),
    ],
  },
  'who is shown and then nobody is, of them SIGNED_OUT is told, and once': {
    broken: [
      historyOf(
        subscribed,
        event('INITIAL_SESSION', ada),
        snapshot('signed-out', null),
        end({ clients: [client('signed-out', null)] }),
      ),
      historyOf(
        subscribed,
        event('INITIAL_SESSION', ada),
        snapshot('signed-out', null),
        event('SIGNED_IN', grace),
        end({ clients: [client('signed-in', grace)] }),
      ),
      historyOf(
        subscribed,
        event('INITIAL_SESSION', ada),
        event('SIGNED_OUT', null, 'ada', 'user'),
        event('SIGNED_OUT', null, 'ada', 'user'),
        end({ clients: [client('signed-out', null)] }),
      ),
    ],
    kept: [
      historyOf(
        subscribed,
        event('INITIAL_SESSION', ada),
        snapshot('signed-out', null),
        event('TOKEN_REFRESHED', view('ada', { revision: 2 })),
        event('SIGNED_OUT', null, 'ada', 'user'),
        event('SIGNED_IN', ada),
        snapshot('signed-out', null),
        event('SIGNED_OUT', null, 'ada', 'user'),
        end({ clients: [client('signed-out', null)] }),
      ),
      // Whoever takes the place of another one is told of, and so it is known who went.
      historyOf(
        subscribed,
        event('INITIAL_SESSION', ada),
        snapshot('signed-in', grace),
        event('ACCOUNT_SWITCHED', grace),
        end({ clients: [client('signed-in', grace)] }),
      ),
    ],
  },
  'in the end no client shows a session that is stored nowhere': {
    broken: [historyOf(end({ stored: [slot('grace')], clients: [client('signed-in', ada)] }))],
    kept: [
      historyOf(end({ stored: [slot('ada')], clients: [client('signed-in', ada)] })),
      {
        ...historyOf(end({ clients: [client('signed-in', ada)] })),
        setting: { ...historyOf().setting, channels: false },
      },
    ],
  },
  'nothing is reported but what a handler has thrown': {
    broken: [historyOf({ kind: 'reported', tab: 'A', expected: false })],
    kept: [historyOf({ kind: 'reported', tab: 'A', expected: true })],
  },
  'after dispose no handler is called': {
    broken: [historyOf({ kind: 'disposed', tab: 'A', client: 'A.1' }, event('SIGNED_IN', ada))],
    kept: [historyOf(event('SIGNED_IN', ada), { kind: 'disposed', tab: 'A', client: 'A.1' })],
  },
  'after dispose and the hard limit nothing is alive: no timer, no channel, no listener, no lock': {
    broken: [historyOf({ kind: 'left over', tab: 'A', what: 'timers', count: 1 })],
    kept: [historyOf({ kind: 'disposed', tab: 'A', client: 'A.1' })],
  },
  'a rotated token that came back to a tab that lives is not forgotten for the old one': {
    broken: [
      historyOf(sent(1, 'refresh-1'), answered(1), end({ stored: [slot('ada')] })),
      historyOf(
        deed('store cleared'),
        wrote([null, claim]),
        sent(1, 'refresh-1'),
        answered(1),
        end({ stored: [slot('ada')] }),
      ),
      historyOf(
        sent(1, 'access-1', { endpoint: 'revoke' }),
        sent(2, 'refresh-1'),
        answered(2),
        end({ stored: [slot('ada')] }),
      ),
      repeatable(sent(1, 'refresh-1'), answered(1), end({ stored: [slot('ada')] })),
    ],
    kept: [
      historyOf(sent(1, 'refresh-1'), answered(1), end({ stored: [slot('ada', { refresh: 'refresh-2' })] })),
      // The session that is signed out is set again, by somebody who still has its tokens.
      repeatable(
        sent(1, 'access-1', { endpoint: 'revoke' }),
        sent(2, 'refresh-1'),
        answered(2),
        end({ stored: [slot('ada')] }),
      ),
      historyOf(sent(1, 'refresh-1'), answered(1), deed('killed', 'A'), end({ stored: [slot('ada')] })),
      // The claim was cleared away, too, and an app brings the old token from outside.
      historyOf(
        wrote([null, claim]),
        deed('store cleared'),
        sent(1, 'refresh-1'),
        answered(1),
        end({ stored: [slot('ada')] }),
      ),
    ],
  },
  'no session lives on at the server whose tokens came back and are in no slot: it was revoked when it was left': {
    broken: [
      leftAlone(),
      leftAlone(jumped(1e11)),
      leftAlone(jumped(60_000), wrote([tombstone('ada', 'replaced'), null])),
      leftAlone(jumped(1e11), wrote([tombstone('grace', 'replaced'), null])),
      leftAlone(wrote([tombstone('ada', 'replaced'), null]), jumped(1e11)),
      historyOf(sent(1, 'refresh-1'), answered(1), end({ active: [{ token: 'refresh-2', session: 'session-1' }] })),
      historyOf(
        sent(1, 'refresh-1', { tab: 'B' }),
        answered(1),
        wroteIn('A', [{ ...attempt, server: 'session-1' }, null]),
        end({ active: [{ token: 'refresh-2', session: 'session-1' }] }),
      ),
      historyOf(
        sent(1, 'refresh-1'),
        answered(1),
        sent(2, 'access-1', { endpoint: 'revoke others' }),
        end({ active: [{ token: 'refresh-2', session: 'session-1' }] }),
      ),
      // The store was cleared before anybody asked.
      historyOf(
        deed('store cleared'),
        called(refreshing),
        sent(1, 'refresh-1', { call: refreshing }),
        answered(1),
        end({ active: [{ token: 'refresh-2', session: 'session-1' }] }),
      ),
    ],
    kept: [
      leftAlone(jumped(1e11), wrote([tombstone('ada', 'replaced'), null])),
      historyOf(
        called(refreshing),
        deed('store cleared'),
        sent(1, 'refresh-1', { call: refreshing }),
        answered(1),
        end({ active: [{ token: 'refresh-2', session: 'session-1' }] }),
      ),
      historyOf(
        sent(1, 'refresh-1'),
        answered(1),
        sent(2, 'refresh-2', { endpoint: 'revoke' }),
        end({ active: [{ token: 'refresh-2', session: 'session-1' }] }),
      ),
      historyOf(
        sent(1, 'refresh-1'),
        answered(1),
        end({ stored: [slot('ada')], active: [{ token: 'refresh-2', session: 'session-1' }] }),
      ),
      // Whose sign-out took away what was on its way in is gone.
      historyOf(
        sent(1, 'refresh-1', { tab: 'B' }),
        answered(1),
        wroteIn('A', [{ ...attempt, server: 'session-1' }, null]),
        deed('killed', 'A'),
        end({ active: [{ token: 'refresh-2', session: 'session-1' }] }),
      ),
      // Whoever signs up is nobody before the answer, and may have come in by another way since.
      historyOf(
        sent(1, '?', { endpoint: 'signup', server: null, owner: null }),
        answered(1, { owner: 'user-3' }),
        end({
          stored: [slot('new', { owner: 'user-3', server: 'session-2' })],
          active: [{ token: 'refresh-2', session: 'session-1' }],
        }),
      ),
    ],
  },
  'a token that may be consumed is not presented again, unless the server allows it or nothing is left to lose': {
    broken: [
      broughtBack(jumped(60_000), wrote([slot('ada'), null])),
      // A claim on a token that is held is never forgotten.
      broughtBack(jumped(1e11)),
      broughtBackAfterSignOut(jumped(60_000)),
      broughtBackAfterSignOut(jumped(1e11), 'grace'),
      // The tombstone is younger than that.
      broughtBackAfterSignOut(sent(9, 'refresh-9'), 'ada', jumped(1e11)),
      historyOf(sent(1, 'code-1', { endpoint: 'code' }), answered(1), sent(2, 'code-1', { endpoint: 'code' })),
      historyOf(
        deed('writes lost'),
        sent(1, 'code-1', { endpoint: 'code' }),
        answered(1),
        sent(2, 'code-1', { endpoint: 'code' }),
      ),
      historyOf(sent(1, 'refresh-1'), answered(1, { meaning: 'unknown', gave: null }), sent(2, 'refresh-1')),
      historyOf(sent(1, 'refresh-1'), answered(1), sent(2, 'refresh-1', { nothingToLose: true })),
      historyOf(deed('store cleared'), wrote([null, claim]), sent(1, 'refresh-1'), answered(1), sent(2, 'refresh-1')),
    ],
    kept: [
      broughtBack(jumped(1e11), wrote([slot('ada'), null])),
      broughtBack(jumped(-1e11), wrote([slot('ada'), null])),
      broughtBackAfterSignOut(jumped(1e11)),
      historyOf(
        sent(1, 'code-1', { endpoint: 'code' }),
        answered(1),
        deed('writes lost'),
        sent(2, 'code-1', { endpoint: 'code' }),
      ),
      // Its claim was forgotten while it was frozen behind its last look at it.
      historyOf(
        wrote([null, slot('ada')]),
        wrote([null, claim]),
        wrote([slot('ada'), null]),
        jumped(1e11),
        wrote([claim, null]),
        sent(1, 'refresh-1'),
        answered(1, { meaning: 'unknown', gave: null }),
        sent(2, 'refresh-1'),
      ),
      historyOf(wrote([null, claim]), deed('store cleared'), sent(1, 'refresh-1'), answered(1), sent(2, 'refresh-1')),
      // Whose claim was cleared away may have been frozen behind its last look at it.
      historyOf(
        wrote([null, claim]),
        deed('store cleared'),
        wroteIn('B', [null, claim]),
        sent(1, 'refresh-1', { tab: 'B' }),
        answered(1),
        sent(2, 'refresh-1', { tab: 'A' }),
      ),
      historyOf(sent(1, 'refresh-1'), answered(1, { meaning: 'unspent', gave: null }), sent(2, 'refresh-1')),
      historyOf(sent(1, 'refresh-1'), answered(1, { gave: 'refresh-1' }), sent(2, 'refresh-1')),
      historyOf(
        sent(1, 'refresh-1'),
        answered(1, { meaning: 'unknown', gave: null }),
        sent(2, 'refresh-1', { nothingToLose: true }),
      ),
      historyOf(sent(1, 'refresh-1'), answered(1), deed('killed', 'A'), sent(2, 'refresh-1', { nothingToLose: true })),
    ],
  },
  'there are no more token requests than somebody or a timer has asked for': {
    broken: [historyOf(called(refreshing), sent(1, 'refresh-1'), sent(2, 'refresh-2'), sent(3, 'refresh-3'))],
    kept: [historyOf(called(refreshing), sent(1, 'refresh-1'), sent(2, 'refresh-1'))],
  },
  'no token, code, subject, e-mail, session id or digest is in a record, a broadcast, a lock name or an error': {
    broken: [
      historyOf({ kind: 'posted', tab: 'A', message: 'changed', leaked: true }),
      historyOf({ kind: 'locked', tab: 'A', leaked: true }),
      historyOf(settled(refreshing, ada, 'network', true)),
      { ...historyOf(), records: [record({ attributes: { anything: 'canary_refresh_1' } })] },
      { ...historyOf(), records: [record({ attributes: { anything: 'c0ffeec0ffee00000000000000000001' } })] },
      { ...historyOf(), records: [record({ attributes: { anything: '~d~0000' } })] },
    ],
    kept: [{ ...historyOf(), records: [record({ attributes: { 'authflight.flight.id': '3f2a' } })] }],
  },
}

describe.each(invariants.map((invariant) => [invariant.name, invariant] as const))('%s', (name, { broken }) => {
  const { broken: bad = [], kept = [] } = cases[name] ?? {}

  test('fails on each violation made by hand', () => {
    expect(bad.length).toBeGreaterThan(0)
    expect(bad.filter((history) => Array.from(broken(history)).length === 0)).toEqual([])
  })

  test('holds of what looks alike', () => {
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.flatMap((history) => Array.from(broken(history)))).toEqual([])
  })
})

test('every promise has an invariant, or is a part of another one', () => {
  // 4 is kept where 5 is: a session that a loser ended would have ended without an answer to its newest token.
  expect([...new Set(invariants.map(({ promise }) => promise))].toSorted((a, b) => a - b)).toEqual([
    1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12,
  ])
})
