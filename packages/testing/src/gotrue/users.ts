import type { TestUser } from '../model/session.ts'

/** A person who has signed up, or may be made to. */
export interface GoTrueUser extends TestUser {
  /** With country code; empty where there is none. */
  readonly phone?: string
  readonly password?: string
}

/** A user as the server keeps it. `name` and `email` may be empty: of somebody anonymous they are. */
export interface UserRecord extends TestUser {
  name: string
  email: string
  phone: string
  /** Null: none was set. */
  password: string | null
  confirmed: boolean
  banned: boolean
  readonly anonymous: boolean
  metadata: Record<string, unknown>
}

type Address = { readonly email?: unknown; readonly phone?: unknown }

export type Users = ReturnType<typeof createUsers>

/** Who has signed up. `newSubject`: unique and unguessable. */
export function createUsers(known: readonly GoTrueUser[], newSubject: () => string) {
  const all: UserRecord[] = known.map(({ phone = '', password = null, ...user }) => ({
    ...user,
    phone,
    password,
    confirmed: true,
    banned: false,
    anonymous: false,
    metadata: {},
  }))

  return {
    all: all as readonly UserRecord[],
    /** By e-mail address in any case, or by phone number. */
    find({ email, phone }: Address): UserRecord | undefined {
      if (typeof email === 'string' && email !== '') {
        return all.find((user) => user.email.toLowerCase() === email.toLowerCase())
      }
      return typeof phone === 'string' && phone !== '' ? all.find((user) => user.phone === phone) : undefined
    },
    add(user: Partial<Omit<UserRecord, 'login' | 'sub'>>): UserRecord {
      const added = {
        login: `user-${all.length + 1}`,
        sub: newSubject(),
        name: '',
        email: '',
        phone: '',
        password: null,
        confirmed: false,
        banned: false,
        anonymous: false,
        metadata: {},
        ...user,
      }
      all.push(added)
      return added
    },
  }
}

/** A user as the server tells of it. */
export function writeUser(user: UserRecord) {
  const provider = user.phone === '' || user.email !== '' ? 'email' : 'phone'
  return {
    id: user.sub,
    aud: 'authenticated',
    role: 'authenticated',
    email: user.email,
    phone: user.phone,
    ...(user.confirmed && { confirmed_at: '2026-01-01T00:00:00Z' }),
    app_metadata: user.anonymous ? {} : { provider, providers: [provider] },
    user_metadata: { ...(user.name !== '' && { full_name: user.name }), ...user.metadata },
    identities: [],
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    is_anonymous: user.anonymous,
  }
}
