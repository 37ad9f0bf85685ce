import { AuthProvider } from '@authflight/react'
import type { ReactElement } from 'react'
import { create } from './auth.ts'
import { Page } from './page.tsx'

const auth = create()
import.meta.hot?.dispose(() => auth.dispose())

/** Its module makes the client, and makes another when it is loaded anew. */
export function App(): ReactElement {
  return (
    <AuthProvider client={auth}>
      <Page version="version-0" />
    </AuthProvider>
  )
}
