import type { TestUser } from './model/session.ts'

/** Who can sign in where a test names nobody. */
export const people: readonly TestUser[] = [
  { login: 'ada', sub: 'canary_sub_ada', name: 'Ada Lovelace', email: 'canary.ada@example.test' },
  { login: 'grace', sub: 'canary_sub_grace', name: 'Grace Hopper', email: 'canary.grace@example.test' },
]
