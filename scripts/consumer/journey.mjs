/**
 * Signs in, refreshes once for three callers, and signs out. It runs on every runtime.
 *
 * @param {import('@authflight/client').AuthClient<object>} auth without a session, which it disposes
 * @param {(url: string) => Promise<string>} authorize takes the address to sign in at, and gives the one that leads back
 * @returns {Promise<string>} the events, in their order
 * @throws when anything is not as it has to be
 */
export async function travel(auth, authorize) {
  /** @type {string[]} */
  const heard = []
  const left = new Promise((resolve) => {
    auth.onAuthStateChange((event) => {
      heard.push(event)
      if (event === 'SIGNED_OUT') resolve(undefined)
    })
  })
  const begun = await auth.signIn()
  const arrived = await auth.handleRedirect(await authorize(begun.data.url ?? ''))
  if (!arrived.data.session) throw arrived.error ?? new Error('Nobody is signed in.')

  const answers = await Promise.all([auth.refreshSession(), auth.refreshSession(), auth.refreshSession()])
  const fault = answers.find(({ error }) => error)?.error
  if (fault) throw fault
  const tokens = new Set(answers.map(({ data }) => data.session?.accessToken))
  if (tokens.size !== 1 || tokens.has(arrived.data.session.accessToken))
    throw new Error('Three callers, one new token.')

  await auth.signOut()
  await left
  auth.dispose()
  return heard.join(' ')
}
