import {
  type AuthAccount,
  type AuthClient,
  type AuthError,
  type AuthSnapshot,
  createAuthClient,
  memoryStore,
  type Session,
  type User,
} from '@authflight/client'
import { gotrue } from '@authflight/client/gotrue'
import { oauth, type OAuthSignIn } from '@authflight/client/oauth'
import type { ReactElement } from 'react'
import { expect, expectTypeOf, onTestFinished, test } from 'vitest'
import {
  AuthProvider,
  type AuthProviderProps,
  SignedIn,
  useAccessToken,
  useAuth,
  useSession,
  useUser,
} from '../src/index.ts'

const storage = memoryStore()
const provider = oauth({ issuer: 'https://id.example.com', clientId: 'spa' })
const plain = createAuthClient({ provider, storage })
const throwing = createAuthClient({ provider, storage, throwOnError: true })
const supabase = createAuthClient({ provider: gotrue({ url: 'https://id.example.com/auth/v1' }), storage })

// The compiler holds these to be true (`npm run types`); nothing is called.
test('useAuth has the type of the client that is named, and by default that of one whose provider takes any request', () => {
  const useAny = () => useAuth()
  expectTypeOf(useAny).returns.toEqualTypeOf<AuthClient<object>>()
  expectTypeOf(useAuth<typeof plain>).returns.toEqualTypeOf<typeof plain>()
  expectTypeOf<Parameters<ReturnType<typeof useAuth<typeof plain>>['signIn']>[0]>().toExtend<OAuthSignIn | undefined>()
  expectTypeOf(useAuth<typeof supabase>).returns.toHaveProperty('verifyOtp')
  type Thrown = Awaited<ReturnType<ReturnType<typeof useAuth<typeof throwing>>['getSession']>>
  expectTypeOf<Thrown>().toEqualTypeOf<{ readonly session: Session | null }>()
  expectTypeOf(useAuth<AuthAccount>).returns.toEqualTypeOf<AuthAccount>()
  expectTypeOf(useAuth<AuthAccount<true>>).returns.toEqualTypeOf<AuthAccount<true>>()
  // As the README tells, where a function makes the client; without it `signIn` knows no options of the provider.
  const createClient = () => createAuthClient({ provider, storage })
  const useSignIn = () => useAuth<ReturnType<typeof createClient>>().signIn({ returnTo: '/orders', prompt: 'login' })
  expectTypeOf(useSignIn).toBeFunction()
  // @ts-expect-error: no client
  const useNone = () => useAuth<{ signIn(): void }>()
  expectTypeOf(useNone).toBeFunction()
})

test('what the other hooks give is narrowed by what it is', () => {
  expectTypeOf(useSession).returns.toEqualTypeOf<AuthSnapshot>()
  type Stale = Extract<ReturnType<typeof useSession>, { status: 'stale' }>
  expectTypeOf<Stale['session']>().toEqualTypeOf<Session>()
  expectTypeOf<Stale['error']>().toEqualTypeOf<AuthError>()
  expectTypeOf(useUser).returns.toEqualTypeOf<User | null>()
  expectTypeOf(useAccessToken).returns.toEqualTypeOf<string | null>()
})

test('<AuthProvider> takes any client, or a function that makes one, or the id of an account, and never two of them', () => {
  const good: ReactElement = (
    <>
      <AuthProvider client={plain} />
      <AuthProvider client={throwing} />
      <AuthProvider client={supabase} />
      <AuthProvider create={() => throwing}>
        <SignedIn>text</SignedIn>
        <AuthProvider account="account-1" />
      </AuthProvider>
    </>
  )
  // @ts-expect-error: neither
  const neither: AuthProviderProps = {}
  // @ts-expect-error: both
  const both: AuthProviderProps = { client: plain, create: () => plain }
  // @ts-expect-error: both
  const doubled: AuthProviderProps = { client: plain, account: 'account-1' }
  // @ts-expect-error: perhaps none
  const perhaps: AuthProviderProps = { account: [''].find(Boolean) }
  // @ts-expect-error: a promise
  const late: AuthProviderProps = { create: async () => plain }
  // @ts-expect-error: no client
  const other: AuthProviderProps = { client: provider }
  expect([good, neither, both, doubled, perhaps, late, other]).toHaveLength(7)
  onTestFinished(() => [plain, throwing, supabase].forEach((client) => client.dispose()))
})
