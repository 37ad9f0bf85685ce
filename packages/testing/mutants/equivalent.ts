/** Mutants that nobody can tell from the client, by their id, and why. One that is caught, or is gone, has no place here. */
export const equivalent: Readonly<Record<string, string>> = {
  'events:swap:5ca1c7': 'A timer that is cancelled twice, or after it has run, is cancelled.',
  'events:swap:5b820e': 'A timer is cancelled and a map is tidied: neither looks at the other.',
  'events:swap:568c7a': 'No clock runs a task before `after` has returned, so nobody looks at the set in between.',
  'events:swap:17b275': 'Reporting an error and ending a handling: neither looks at the other.',
  'events:swap:15af91': 'What follows a promise runs later, also where it is resolved: by then both have happened.',
  'events:swap:c14db3': 'The first event is asked for and queued in one step, in which nothing is emitted.',
  'events:swap:0d984a': 'Subscribers are forgotten and handlings ended: neither looks at the other.',
  'refresh:swap:5a2c2e': 'Each asks the realm for something of its own.',
  'refresh:swap:05305c':
    'One asks the realm for its presentations, the other makes the sign of life: neither needs the other.',
  'refresh:swap:5379cb': 'Both are made new, of nothing that the other changes.',
  'refresh:swap:2f1f18': 'A number is drawn and a parameter is taken apart: neither looks at the other.',
  'refresh:swap:ac305f': 'A name is put together of what the map has no part in.',
  'claim-watch:swap:9a3cb1': 'A parameter is taken apart, and asked for something of its own.',
  'claim-watch:swap:0cf617': 'Three collections forget one id each.',
  'claim-watch:swap:e30be5': 'Three collections forget one id each.',
  'claim-watch:swap:cefc88':
    'A ping is sent in the moment in which the wait begins, before or after the clock is read.',
  'claim:swap:1230e4': 'The guard and the slot are read of a transaction that has not changed anything yet.',
  'claim:swap:43defc': 'The claim is read before the version is looked at, and not used where that is newer.',
  'claim:swap:a7370b': 'Whether there is something to lose is worked out before it is needed.',
  'claim-watch:swap:e10314': 'The lock of a claim that has none is asked for, and the answer thrown away.',
  'claim:swap:9dc463': 'A span is opened and a variable is set, both before the wait.',
  'claim:swap:620e7f': 'It is set after the wait instead of before: nobody reads it until the next look.',
}
