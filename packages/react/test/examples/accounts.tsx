import type { Account, AuthAccount } from '@authflight/client'
import { AuthProvider, SignedIn, useAuth, useUser } from '@authflight/react'

/** `accounts`: as `useAuth().accounts()` tells them. */
export function Accounts({ accounts }: { accounts: readonly Account[] }) {
  return accounts.map(({ id }) => (
    <AuthProvider key={id} account={id}>
      <SignedIn>
        <SignOutButton />
      </SignedIn>
    </AuthProvider>
  ))
}

function SignOutButton() {
  const account = useAuth<AuthAccount>()
  return <button onClick={() => void account.signOut()}>Sign out {useUser()?.name}</button>
}
