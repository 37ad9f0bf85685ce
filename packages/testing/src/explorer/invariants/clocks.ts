import { type Invariant, only } from './invariant.ts'

export const noLoops: Invariant = {
  promise: 11,
  name: 'there are no more token requests than somebody or a timer has asked for',
  *broken(history) {
    const requests = only(history, 'sent').filter(({ endpoint }) => endpoint === 'refresh').length
    const timers = history.records.filter(({ record }) => record.name === 'authflight.record.timer_fired').length
    // Each cause may need the one protocol retry, and one more try after a claim was taken over.
    const causes = only(history, 'called').length + timers
    if (requests > 2 * causes) yield `${requests} token requests, and ${causes} causes`
  },
}
