import { createAuthClient } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { AuthProvider, Restoring, SignedIn, SignedOut, useAuth, useUser } from '@authflight/react'
import { useEffect, useState } from 'react'

const createClient = () => createAuthClient({ provider: oauth({ issuer: 'https://id.example.com', clientId: 'spa' }) })

export function App() {
  return (
    <AuthProvider create={createClient}>
      <Restoring>…</Restoring>
      <SignedOut>
        <SignInButton />
      </SignedOut>
      <SignedIn>
        <Greeting />
      </SignedIn>
    </AuthProvider>
  )
}

function SignInButton() {
  const auth = useAuth()
  const [problem, setProblem] = useState<string>()
  const tell = ({ error }: { error: Error | null }) => setProblem(error?.message)
  useEffect(() => void auth.handleRedirect().then(tell), [auth]) // how a sign-in that has just come back went
  return (
    <>
      <button onClick={() => void auth.signIn().then(tell)}>Sign in</button>
      {problem && <p role="alert">{problem}</p>}
    </>
  )
}

function Greeting() {
  const auth = useAuth()
  return <button onClick={() => void auth.signOut()}>Sign out {useUser()?.name}</button>
}
