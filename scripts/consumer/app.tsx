// An app that uses every package as its README says: it is compiled against the packed declarations, never run.
import { createAuthClient, isAuthRefreshDiscardedError, type AuthClient, type Session } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { AuthProvider, useSession } from '@authflight/react'

const client: AuthClient = createAuthClient({
  provider: oauth({ issuer: 'https://id.example.com', clientId: 'app' }),
})

export async function showExpiry(): Promise<void> {
  const { data, error } = await client.getSession()
  if (isAuthRefreshDiscardedError(error)) return
  const session: Session | null = data.session
  console.log(session)
}

function Greeting() {
  return <p>{useSession() ? 'signed in' : 'signed out'}</p>
}

export function App() {
  return (
    <AuthProvider client={client}>
      <Greeting />
    </AuthProvider>
  )
}
