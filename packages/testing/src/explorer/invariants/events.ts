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
      if (events.filter(({ event }) => event === 'INITIAL_SESSION').length > 1) yield `${subscriber} was told INITIAL_SESSION twice`
    }
    const told = bySubscriber(history)
    for (const { subscriber } of stayed(history))
      if (told.get(subscriber)?.length === 0) yield `${subscriber} was never told anything`
  },
}

export const comingsAndGoings: Invariant = {
  promise: 7,
  name: 'events come in order: nobody goes who did not come, nobody comes on top of another, no revision is told twice',
  *broken(history) {
    for (const [subscriber, events] of bySubscriber(history)) {
      let held: SessionView | null = null
      let isPast = false
      for (const { event, session, sessionId } of events) {
        if (event === 'INITIAL_SESSION') {
          held = session
          isPast = true
          continue
        }
        // What had happened before INITIAL_SESSION was delivered follows it; the first that matches is the present.
        if (event === 'SIGNED_OUT') {
          if (held?.id !== sessionId && !isPast) yield `${subscriber} was told that ${sessionId} went, and held ${held?.id ?? 'nobody'}`
          held = null
        } else if (event === 'SIGNED_IN') {
          if (held && !isPast) yield `${subscriber} was told that ${sessionId} came on top of ${held.id}`
          if (!session || session.id !== sessionId) yield `${subscriber} was told SIGNED_IN of ${sessionId} without its session`
          held = session
        } else {
          isPast = false
          if (!session || held?.id !== session.id) yield `${subscriber} was told ${event} of ${session?.id}, and held ${held?.id ?? 'nobody'}`
          else if (event === 'TOKEN_REFRESHED' && session.revision <= held.revision)
            yield `${subscriber} was told revision ${session.revision} after ${held.revision}`
          held = session
        }
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
      const last = told.get(subscriber)?.at(-1)?.session ?? null
      const now = shown.get(client)?.session ?? null
      if (last?.id !== now?.id) yield `${subscriber} was last told ${last?.id ?? 'nobody'}, and ${client} shows ${now?.id ?? 'nobody'}`
    }
  },
}

export const handlersThatThrow: Invariant = {
  promise: 7,
  name: 'nothing is reported but what a handler has thrown',
  *broken(history) {
    for (const { tab, expected } of only(history, 'reported')) if (!expected) yield `tab ${tab} reported an error of its own`
  },
}
