import type { ReactElement } from 'react'
import { describeError } from './outcome.ts'

/** In place of the page, when its server does not say what to connect to. */
export function Trouble({ error }: { error: unknown }): ReactElement {
  return (
    <main className="trouble" role="alert">
      <h1>The playground’s server does not answer</h1>
      <p>
        This page needs the provider, the API and the fault switch that <code>npm start</code> runs. Start it and open
        the address it prints.
      </p>
      <p className="muted">{describeError(error).message}</p>
    </main>
  )
}
