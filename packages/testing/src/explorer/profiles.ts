import { readProfile, type ReuseProfile } from '../model/reuse-profile.ts'
import type { ProfileName } from './setting.ts'

/** How a server is spoken to: in the explorer's own few words, or as GoTrue is. */
export type Dialect = 'own' | 'gotrue'

interface Profile {
  readonly dialect: Dialect
  /** What the server does with a refresh token that comes again. */
  readonly server: ReuseProfile
  /** What the provider says of that; null: nothing. */
  readonly reuse: 'idempotent' | 'branches' | null
}

const own = (server: ReuseProfile, reuse: Profile['reuse'] = null): Profile => ({ dialect: 'own', server, reuse })
const gotrue = (name: 'gotrue-v1' | 'gotrue-v2'): Profile => ({
  dialect: 'gotrue',
  server: readProfile(name),
  reuse: 'idempotent',
})

/** The servers that worlds can have, each as often as the others. */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  strict: own(readProfile('strict')),
  idempotent: own(readProfile('idempotent'), 'idempotent'),
  grace: own(readProfile('grace')),
  branches: own(readProfile('branches'), 'branches'),
  same: own({ name: 'non-rotating', answer: 'same' }),
  none: own({ name: 'non-rotating', answer: 'none' }),
  sometimes: own(readProfile('sometimes-rotating')),
  'gotrue-v1': gotrue('gotrue-v1'),
  'gotrue-v2': gotrue('gotrue-v2'),
}

export const profileNames = Object.keys(profiles) as ProfileName[]

export const dialectOf = (name: ProfileName): Dialect => profiles[name].dialect
