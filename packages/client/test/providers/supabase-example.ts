import { createAuthClient } from '@authflight/client'
import { gotrue } from '@authflight/client/gotrue'

export const auth = createAuthClient({
  provider: gotrue({
    url: 'https://abcdefgh.supabase.co/auth/v1',
    apiKey: 'sb_publishable_abc',
    redirectTo: 'https://app.example.com/',
  }),
})

/** What to show beside the form; null: signed in. */
export async function signIn(email: string, password: string): Promise<string | null> {
  const { error } = await auth.signIn({ method: 'password', email, password })
  return error && error.message
}

/** Leaves the page; back from there, start-up signs in. */
export const signInWithGitHub = () => auth.signIn({ method: 'oauth', provider: 'github', returnTo: '/orders' })

/** True: signed in. False: a message is on its way, with a link that comes back here and a code for `enterCode`. */
export async function signUp(email: string, password: string): Promise<boolean> {
  const { data, error } = await auth.signUp({ email, password })
  if (error) throw error
  return data.session !== null
}

export const sendCode = (email: string) => auth.signIn({ method: 'otp', email })
export const enterCode = (email: string, token: string) => auth.verifyOtp({ type: 'email', email, token })
