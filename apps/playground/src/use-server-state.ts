import { useCallback, useEffect, useState } from 'react'
import { getState, reset, setFault, setLifetime, tellRefreshLifetime, type Fault, type ServerState } from './control.ts'

export interface Server {
  readonly state: ServerState
  readonly setFault: (fault: Fault) => void
  readonly setLifetime: (seconds: number) => void
  readonly tellRefreshLifetime: (seconds: number) => void
  readonly reset: () => Promise<void>
}

const unknown: ServerState = { fault: { kind: 'none' }, accessTokenTtl: 30 }

/**
 * What the server is set to. A choice shows at once and is then read back, so that the page never claims what the server did
 * not take. Read again when this window gets the focus (another tab may have chosen) and when `changes` does.
 */
export function useServerState(changes: unknown): Server {
  const [state, setState] = useState(unknown)
  const load = useCallback(() => getState().then(setState, () => {}), [])

  useEffect(() => {
    void load()
    const again = (): void => void load()
    addEventListener('focus', again)
    return () => removeEventListener('focus', again)
  }, [load, changes])

  const apply = (shown: Partial<ServerState>, told: Promise<unknown>): void => {
    setState((held) => ({ ...held, ...shown }))
    told.then(load, load)
  }
  return {
    state,
    setFault: (fault) => apply({ fault }, setFault(fault)),
    setLifetime: (accessTokenTtl) => apply({ accessTokenTtl }, setLifetime(accessTokenTtl)),
    tellRefreshLifetime: (refreshTokenTtl) => apply({ refreshTokenTtl }, tellRefreshLifetime(refreshTokenTtl)),
    reset: async () => {
      await reset()
      await load()
    },
  }
}
