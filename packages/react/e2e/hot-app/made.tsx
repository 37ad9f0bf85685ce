import { AuthProvider } from '@authflight/react'
import type { ReactElement } from 'react'
import { create } from './auth.ts'
import { Page } from './page.tsx'

export function App(): ReactElement {
  return (
    <AuthProvider create={create}>
      <Page version="version-0" />
    </AuthProvider>
  )
}
