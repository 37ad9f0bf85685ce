import type { Stored } from './history.ts'

interface SlotCore {
  readonly sessionId: string
  readonly revision: number
  readonly begun: number
  readonly display: { readonly session: string; readonly account: string }
  readonly tokens: { readonly access: string; readonly refresh: string | null }
}

/** How a record of the client's reads by printable ids. Knows the kinds of keys and the core of each record, no more. */
export function createReader(
  idOf: (secret: string) => string,
  beginning: number,
  ofServer: (access: string) => { readonly id: string; readonly user: { readonly login: string } } | null,
) {
  /** Display ids of sessions by their secret ones, which tombstones carry. */
  const names = new Map<string, string>()
  return function read(key: string, value: unknown): Stored {
    const kind = key.slice(0, key.indexOf(':'))
    switch (kind) {
      case 'slot': {
        const { sessionId, revision, begun, display, tokens } = value as SlotCore
        names.set(sessionId, display.session)
        return {
          kind,
          key,
          session: display.session,
          account: display.account,
          revision,
          refresh: tokens.refresh === null ? null : idOf(tokens.refresh),
          access: idOf(tokens.access),
          server: ofServer(tokens.access)?.id ?? null,
          owner: ofServer(tokens.access)?.user.login ?? null,
          begun: begun - beginning,
        }
      }
      case 'tombstone': {
        const { sessionId, left } = value as { sessionId: string; left: string }
        return { kind, key, session: names.get(sessionId) ?? '?', left }
      }
      case 'claim': {
        const { id, lost } = value as { id: string; lost: boolean }
        return { kind, key, id, lost }
      }
      case 'shown':
        return { kind, key, slot: (value as { slot: string | null }).slot }
      case 'attempt': {
        const { tokens } = value as { tokens?: { access: string } }
        return { kind, key, server: tokens ? (ofServer(tokens.access)?.id ?? null) : null }
      }
      default:
        return { kind: 'other', key }
    }
  }
}
