import type { AuthClient } from '@authflight/client'
import type { PanelControl } from '@authflight/devtools/react'
import { expireStoredSession } from '@authflight/testing/browser'
import { faultChoice, faultChoices, faultOf } from './fault-kinds.ts'
import { setFault } from './control.ts'

/** What may be done to the app from the panel. The page's own cards show what came of it. */
export function listControls(auth: () => AuthClient | undefined): readonly PanelControl[] {
  return [
    { label: 'Refresh', title: 'A new token now, whatever the clock says', run: () => auth()?.refreshSession() },
    { label: 'Expire', title: 'The access token looks dead', run: () => expireStoredSession() },
    { label: 'End session', title: 'Signs out; the page hears of it', run: () => auth()?.signOut() },
    {
      label: 'Fault',
      choices: faultChoices.map(({ kind, label }) => ({ value: kind, label })),
      choose: (kind) => setFault(faultOf(faultChoice(kind as Parameters<typeof faultChoice>[0]))),
    },
  ]
}
