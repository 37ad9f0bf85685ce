import type { AuthClient, SignedOutReason } from '@authflight/client'
import { LogIn } from 'lucide-react'
import { useId, type ReactElement } from 'react'
import type { Config } from './control.ts'
import { errorOutcome } from './outcome.ts'
import { signedOutWords } from './signed-out-words.ts'
import type { Run } from './use-happenings.ts'
import './sign-in.css'

interface SignInProps {
  auth: AuthClient
  run: Run
  reason: SignedOutReason | null
  users: Config['users']
}

export function SignIn({ auth, run, reason, users }: SignInProps): ReactElement {
  const heading = useId()
  const signIn = (): void =>
    run('Sign in', async () => {
      const { error } = await auth.signIn()
      return error
        ? errorOutcome(error, 'You are not signed in.')
        : { tone: 'neutral', text: 'On the way to the provider…' }
    })
  return (
    <section className="card sign-in" aria-labelledby={heading}>
      <div>
        {reason && <p className="sign-in-reason">{signedOutWords[reason]}</p>}
        <h2 id={heading}>Watch a session stay alive</h2>
        <p>
          Sign in at a real OpenID provider, let the access token die, make a thousand requests at once, and see one
          refresh serve them all on the timeline below.
        </p>
        <button type="button" className="button primary large" onClick={signIn}>
          <LogIn aria-hidden />
          Sign in
        </button>
        <p className="muted small">Authorization code with PKCE: you leave this page and come back with a session.</p>
      </div>
      <table className="sign-in-users">
        <caption>Who can sign in</caption>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Login</th>
            <th scope="col">Password</th>
          </tr>
        </thead>
        <tbody>
          {users.map(({ login, password, name }) => (
            <tr key={login}>
              <td>{name}</td>
              <td>
                <code>{login}</code>
              </td>
              <td>
                <code>{password}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
