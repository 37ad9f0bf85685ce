'use client'

export { useAccessToken } from './access-token.ts'
export { type AnyAuthClient, useAuth } from './context.ts'
export { AuthProvider, type AuthProviderProps } from './provider.tsx'
export { useSession } from './session.ts'
export { Restoring, SignedIn, SignedOut } from './status.tsx'
export { useUser } from './user.ts'
