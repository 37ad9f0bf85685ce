import { AuthClient, navigatorLock, processLock } from '@supabase/auth-js'

/** For those who measure its size. */
export { AuthClient } from '@supabase/auth-js'

const locks = { navigatorLock, processLock }

/**
 * @param {import('../src/clients/subject.ts').Place} place
 * @param {{ lock?: keyof typeof locks }} options without a lock: lockless, as it comes
 * @returns {import('../src/clients/subject.ts').Subject}
 */
export function create({ issuer, email }, { lock }) {
  const auth = quietly(
    () =>
      new AuthClient({
        url: issuer,
        autoRefreshToken: false,
        // A storm may wait for its lock as long as it takes.
        ...(lock && { lock: locks[lock], lockAcquireTimeout: 600_000 }),
      }),
  )
  return {
    async signIn() {
      const { error } = await auth.signInWithPassword({ email, password: 'any' })
      if (error) throw error
    },
    ask: () => auth.getSession(),
    /** @param {Awaited<ReturnType<typeof auth.getSession>>} answer */
    tokenOf: ({ data, error }) => (error ? null : (data.session?.access_token ?? null)),
  }
}

/**
 * It warns of its locks, which are deprecated. Here that is known, and would stand between the tables.
 *
 * @template T
 * @param {() => T} make
 */
function quietly(make) {
  const { warn } = console
  console.warn = () => {}
  try {
    return make()
  } finally {
    console.warn = warn
  }
}
