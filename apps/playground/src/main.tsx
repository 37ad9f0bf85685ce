import './styles/base.css'
import './styles/controls.css'
import { type AuthClient, createAuthClient, indexedDbStore } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { uncoordinatedStore } from '@authflight/testing/browser'
import { keepRecords } from '@authflight/devtools/black-box'
import { mirrorToPerformance } from '@authflight/devtools/performance'
import { AuthProvider } from '@authflight/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { clientName } from './client-name.ts'
import { getConfig, type Config } from './control.ts'
import { Dock } from './dock.tsx'
import { readAutoRefresh, readCoordination } from './preferences.ts'
import { startTelemetry } from './telemetry.ts'
import { Trouble } from './trouble.tsx'

// From the first record on: a sign-out may take the page away at any time.
keepRecords()
mirrorToPerformance()

const app = createRoot(element('app'))

try {
  show(await getConfig())
} catch (error) {
  app.render(<Trouble error={error} />)
}

function show(config: Config): void {
  startTelemetry({ exported: config.otlp })
  let auth: AuthClient | undefined
  const createClient = () => {
    auth = createAuthClient({
      provider: oauth({
        issuer: config.issuer,
        clientId: config.clientId,
        resource: config.resource,
        scope: 'openid profile email',
      }),
      name: clientName,
      ...(!readCoordination() && { storage: uncoordinatedStore(indexedDbStore()) }),
      autoRefresh: readAutoRefresh() ? 'visible' : 'off',
    })
    return auth
  }
  app.render(
    <StrictMode>
      <AuthProvider create={createClient}>
        <App config={config} />
      </AuthProvider>
    </StrictMode>,
  )
  // A root of its own: whatever happens to the panel, the page beside it goes on.
  createRoot(element('dock')).render(
    <StrictMode>
      <Dock auth={() => auth} traceView={config.traceView} />
    </StrictMode>,
  )
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (!found) throw new Error(`index.html has no element #${id}.`)
  return found
}
