'use client'

export { AuthProvider, useAuth, type AuthProviderProps } from './provider.tsx'
export { useSession } from './session.ts'
