import { type Invariant, only } from './invariant.ts'

export const nothingAfterDispose: Invariant = {
  promise: 8,
  name: 'after dispose no handler is called',
  *broken({ facts }) {
    const disposed = new Set<string>()
    for (const fact of facts) {
      if (fact.kind === 'disposed') disposed.add(fact.client)
      if ((fact.kind === 'event' || fact.kind === 'snapshot') && disposed.has(fact.client))
        yield `${fact.client} called a handler after it was disposed`
    }
  },
}

export const nothingIsLeft: Invariant = {
  promise: 8,
  name: 'after dispose and the hard limit nothing is alive: no timer, no channel, no listener, no lock',
  *broken(history) {
    for (const { tab, what, count } of only(history, 'left over')) yield `tab ${tab} still has ${what}: ${count}`
  },
}
