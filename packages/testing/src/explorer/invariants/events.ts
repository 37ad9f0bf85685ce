import type { History, SessionView } from '../history.ts'
import { type Invariant, only, type Of } from './invariant.ts'

/** What each subscriber was told, in its order. */
function bySubscriber(history: History): Map<string, Of<'event'>[]> {
  const told = new Map<string, Of<'event'>[]>(only(history, 'subscribed').map(({ subscriber }) => [subscriber, []]))
  for (const event of only(history, 'event')) told.get(event.subscriber)?.push(event)
  return told
}

/** Subscribers that were there until the end. */
function stayed(history: History): Of<'subscribed'>[] {
  const left = new Set(only(history, 'unsubscribed').map(({ subscriber }) => subscriber))
  const clients = new Set(only(history, 'end').flatMap(({ end }) => end.clients.map(({ client }) => client)))
  return only(history, 'subscribed').filter(({ subscriber, client }) => !left.has(subscriber) && clients.has(client))
}

export const initialFirst: Invariant = {
  promise: 7,
  name: 'INITIAL_SESSION comes first and once',
  *broken(history) {
    for (const [subscriber, events] of bySubscriber(history)) {
      const first = events[0]
      if (first && first.event !== 'INITIAL_SESSION') yield `${subscriber} was told ${first.event} first`
      if (events.filter(({ event }) => event === 'INITIAL_SESSION').length > 1)
        yield `${subscriber} was told INITIAL_SESSION twice`
    }
    const told = bySubscriber(history)
    for (const { subscriber } of stayed(history))
      if (told.get(subscriber)?.length === 0) yield `${subscriber} was never told anything`
  },
}

export const comingsAndGoings: Invariant = {
  promise: 7,
  name: 'events come in order: nobody goes or is refreshed who did not come, nobody comes twice, no revision is told twice',
  *broken(history) {
    for (const [subscriber, events] of bySubscriber(history)) {
      /** Revisions told, by session. Several accounts can be signed in. */
      const here = new Map<string, number>()
      /** What had happened before INITIAL_SESSION was delivered follows it. */
      let isPast = false
      for (const { event, session, sessionId } of events) {
        const id = sessionId ?? ''
        switch (event) {
          case 'INITIAL_SESSION':
            isPast = true
            if (session) here.set(session.id, session.revision)
            continue
          case 'SIGNED_OUT':
            if (!here.delete(id) && !isPast) yield `${subscriber} was told that ${id} went, who was not there`
            continue
          case 'SIGNED_IN':
            if (session?.id !== id) yield `${subscriber} was told SIGNED_IN of ${id} without its session`
            if (here.has(id) && !isPast) yield `${subscriber} was told that ${id} came, who was there`
            break
          case 'ACCOUNT_SWITCHED':
            break
          default: {
            isPast = false
            const before = here.get(id)
            if (!session || before === undefined) yield `${subscriber} was told ${event} of ${id}, who was not there`
            else if (event === 'TOKEN_REFRESHED' && session.revision <= before)
              yield `${subscriber} was told revision ${session.revision} after ${before}`
          }
        }
        if (session) here.set(session.id, session.revision)
      }
    }
  },
}

export const eventsTellTheTruth: Invariant = {
  promise: 7,
  name: 'in the end the events have told what the client shows',
  *broken(history) {
    const told = bySubscriber(history)
    const shown = new Map(only(history, 'end').flatMap(({ end }) => end.clients.map((it) => [it.client, it] as const)))
    for (const { subscriber, client } of stayed(history)) {
      const last = (told.get(subscriber) ?? []).reduce(follow, null)
      const now = shown.get(client)?.session ?? null
      if (last?.id !== now?.id)
        yield `${subscriber} was last told ${last?.id ?? 'nobody'}, and ${client} shows ${now?.id ?? 'nobody'}`
    }
  },
}

/** Whom an app shows that goes by the events alone. */
function follow(shown: SessionView | null, { event, session, sessionId }: Of<'event'>): SessionView | null {
  if (event === 'SIGNED_OUT') return shown?.id === sessionId ? null : shown
  if (event === 'TOKEN_REFRESHED' || event === 'USER_UPDATED') return shown?.id === sessionId ? session : shown
  return session
}

export const goesOnce: Invariant = {
  promise: 7,
  name: 'who is shown and then nobody is, of them SIGNED_OUT is told, and once',
  *broken(history) {
    for (const { subscriber, client } of stayed(history)) {
      /** Whom the events have told last, whose end is due to be told, and whose was told since anybody came. */
      let last: SessionView | null = null
      let due: string | null = null
      const gone = new Set<string>()
      for (const fact of history.facts) {
        if (fact.kind === 'snapshot' && fact.client === client && !fact.session) due ??= last?.id ?? null
        if (fact.kind !== 'event' || fact.subscriber !== subscriber) continue
        const { event, session, sessionId } = fact
        last = follow(last, fact)
        if (session) gone.delete(session.id)
        if (event === 'SIGNED_OUT' && sessionId !== null) {
          if (gone.has(sessionId)) yield `${subscriber} was told twice that ${sessionId} went`
          gone.add(sessionId)
          if (due === sessionId) due = null
        } else if (due !== null && session && session.id !== due) break
      }
      if (due !== null) yield `${subscriber} was never told that ${due} went, and ${client} showed nobody`
    }
  },
}

export const shownIsStored: Invariant = {
  promise: 7,
  name: 'in the end no client shows a session that is stored nowhere',
  *broken(history) {
    // Where there are no notices a client cannot know it yet.
    if (!history.setting.channels) return
    for (const { end } of only(history, 'end')) {
      const stored = new Set(end.stored.flatMap((it) => (it.kind === 'slot' ? [it.session] : [])))
      for (const { client, session } of end.clients)
        if (session && !stored.has(session.id)) yield `${client} shows ${session.id}, which is stored nowhere`
    }
  },
}

export const handlersThatThrow: Invariant = {
  promise: 7,
  name: 'nothing is reported but what a handler has thrown',
  *broken(history) {
    for (const { tab, expected } of only(history, 'reported'))
      if (!expected) yield `tab ${tab} reported an error of its own`
  },
}
