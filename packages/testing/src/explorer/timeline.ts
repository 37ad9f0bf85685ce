import type { Dated, History, SessionView } from './history.ts'

/** A history for people: one line for each thing that happened, milliseconds, tab, and what. Holds no secret. */
export function drawTimeline({ facts, setting }: History): string {
  const lines = facts.map((fact) => {
    const [tab, text] = describe(fact)
    return `${String(Math.round(fact.at)).padStart(8)}  ${(tab ?? '').padEnd(6)}${text}`
  })
  const { profile, store, locks, channels, autoRefresh, legacyLock } = setting
  const world = `server ${profile}, store ${store}, ${locks ? 'locks' : 'no locks'}, ${channels ? 'channels' : 'no channels'}, auto refresh ${autoRefresh}${legacyLock ? ', legacy lock' : ''}`
  return [world, '      ms  tab   what', ...lines].join('\n')
}

const name = (session: SessionView | null): string =>
  session
    ? `${session.user ?? '?'} ${session.id.slice(0, 4)} r${session.revision}${session.stale ? ' stale' : ''}`
    : 'nobody'

/** The tab, and what happened there. */
function describe(fact: Dated): [string | null, string] {
  switch (fact.kind) {
    case 'decided':
      return [fact.tab, `> ${fact.describe()}`]
    case 'operated':
      return [fact.client, `> ${fact.operation}`]
    case 'deed':
      return [
        fact.tab,
        `* ${fact.deed}${fact.ms === undefined ? '' : ` ${fact.ms} ms`}${fact.what ? ` ${fact.what}` : ''}`,
      ]
    case 'client':
      return [fact.tab, `new client ${fact.client}`]
    case 'called': {
      const { id, client, operation, about, tab } = fact.call
      return [tab, `${client} calls ${operation} (#${id}), showing ${about === 'unknown' ? 'nobody yet' : name(about)}`]
    }
    case 'settled': {
      const { id, client, operation, tab } = fact.call
      const given = fact.session === undefined ? '' : ` with ${name(fact.session)}`
      return [tab, `${client} ${operation} (#${id}) settles${given}${fact.error === null ? '' : `: ${fact.error}`}`]
    }
    case 'subscribed':
    case 'unsubscribed':
      return [fact.tab, `${fact.subscriber} ${fact.kind}`]
    case 'event':
      return [
        fact.tab,
        `${fact.subscriber} is told ${fact.event} ${fact.sessionId?.slice(0, 4) ?? ''} ${name(fact.session)}${fact.reason === null ? '' : ` (${fact.reason})`}`,
      ]
    case 'snapshot':
      return [fact.tab, `${fact.client} shows ${fact.status} ${name(fact.session)}`]
    case 'disposed':
      return [fact.tab, `${fact.client} is disposed`]
    case 'sent':
      return [
        fact.tab,
        `sends request ${fact.request}: ${fact.endpoint} ${fact.credential ?? ''}${fact.nothingToLose ? ', nothing to lose' : ''}`,
      ]
    case 'arrived':
      return [
        null,
        `server: request ${fact.request} ${fact.row}${fact.gave === null ? '' : `, gives ${fact.gave}`}${fact.reused ? ', REUSE' : ''}`,
      ]
    case 'answered':
      return [null, `answer to request ${fact.request}: ${fact.row} (${fact.meaning})`]
    case 'unheard':
      return [null, `request ${fact.request} is not listened to any more: ${fact.because}`]
    case 'wrote':
      return [
        fact.tab,
        `writes ${fact.writes.map(({ before, after }) => (after ? describeStored(after) : `no ${before?.kind}`)).join(', ')}`,
      ]
    case 'aborted':
      return [fact.tab, `transaction aborts ${fact.how}`]
    case 'posted':
      return [fact.tab, `broadcasts ${fact.message}`]
    case 'locked':
      return [fact.tab, 'asks for a lock']
    case 'reported':
      return [fact.tab, 'an error is reported']
    case 'stuck':
      return [null, `STUCK: ${fact.calls.map(({ id, operation }) => `${operation} (#${id})`).join(', ')}`]
    case 'left over':
      return [fact.tab, `LEFT OVER: ${fact.count} ${fact.what}`]
    case 'end':
      return [
        null,
        `in the end: ${fact.end.stored.map(describeStored).join(', ')}; active ${fact.end.active.map(({ token, session }) => `${token} of ${session}`).join(', ')}; ` +
          fact.end.clients.map(({ client, status, session }) => `${client} ${status} ${name(session)}`).join(', '),
      ]
  }
}

function describeStored(stored: Extract<Dated, { kind: 'end' }>['end']['stored'][number]): string {
  switch (stored.kind) {
    case 'slot':
      return `slot ${stored.session.slice(0, 4)} r${stored.revision} ${stored.refresh ?? 'no refresh token'} of ${stored.server}`
    case 'tombstone':
      return `tombstone ${stored.session.slice(0, 4)} (${stored.left})`
    case 'claim':
      return `claim ${stored.id.slice(0, 4)}${stored.lost ? ' lost' : ''}`
    default:
      return stored.kind
  }
}
