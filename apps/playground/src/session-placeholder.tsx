import type { ReactElement } from 'react'

/** While the store has not answered: nobody is told to sign in yet. */
export function SessionPlaceholder(): ReactElement {
  return (
    <section className="card session placeholder" aria-labelledby="session" aria-busy>
      <h2 id="session">Session</h2>
      <p className="muted">Looking for a session in this browser…</p>
      <div className="placeholder-line" />
      <div className="placeholder-line short" />
    </section>
  )
}
