import type { Authority, Question, Reply } from './authority.ts'
import { type Call, currentCall } from './call.ts'
import type { Choices } from './choices.ts'
import type { Fact, Meaning } from './history.ts'
import { type Row, rowsOf } from './rows.ts'
import type { Dialect } from './profiles.ts'
import type { Tab } from './tab.ts'

/** As Node tells it: no connection, so nothing left. */
const neverSent = (): TypeError =>
  new TypeError('canary refused', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) })

export interface Network {
  fetch(tab: Tab, input: RequestInfo | URL, init: RequestInit | undefined): Promise<Response>
  /** A tab that is gone hears no answer. What it has sent may still arrive. */
  forget(tab: Tab): void
}

export interface NetworkParts {
  readonly choices: Choices
  readonly authority: Authority
  readonly dialect: Dialect
  readonly tell: (fact: Fact) => void
  /** Whether the session of this credential is of no use any more to the tab that sends it. */
  readonly nothingToLose: (tab: Tab, credential: string) => boolean
}

interface Request extends Question {
  readonly id: number
  readonly tab: Tab
  readonly call: Call | null
  /** Null as soon as nobody listens. */
  settle: { resolve: (response: Response) => void; reject: (error: unknown) => void } | null
}

const answerFaults = ['answer lost']
const lost = ['request lost', 'never sent']

/** Endpoints whose answers the table of answers is about: those that give tokens. */
const judged: ReadonlySet<string> = new Set(['refresh', 'code', 'password', 'verify', 'signup'])
/** Endpoints that look at an access token. */
const guarded: ReadonlySet<string> = new Set(['api', 'user', 'reauthenticate'])

/** The way to the server and back: a request arrives late or never, an answer likewise, and in between anything answers. */
export function createNetwork({ choices, authority, dialect, tell, nothingToLose }: NetworkParts): Network {
  const rows = rowsOf(dialect)
  const faultsOf = { judged: [...lost, ...rows.map(({ name }) => name)], plain: ['request lost', '500'] }
  let count = 0
  const open = new Set<Request>()

  function unheard(request: Request, because: 'aborted' | 'killed'): void {
    if (!request.settle) return
    request.settle = null
    open.delete(request)
    tell({ kind: 'unheard', request: request.id, because })
  }

  function send(request: Request): void {
    const { tab, endpoint, call } = request
    choices.add({
      kind: 'request',
      tab: tab.name,
      lane: null,
      describe: () => `request ${request.id} (${endpoint}) arrives`,
      faults: judged.has(endpoint) ? faultsOf.judged : faultsOf.plain,
      take: (fault) => void arrive(request, fault),
      call,
    })
  }

  async function arrive(request: Request, fault: string | null): Promise<void> {
    const { credential } = request
    if (fault === 'request lost' || fault === 'never sent') {
      tell({ kind: 'arrived', request: request.id, acted: false, row: fault, gave: null, reused: false })
      return answer(request, fault, null, null)
    }
    const row = rows.find(({ name }) => name === fault) ?? null
    if (row?.ends && credential !== null) {
      const session = authority.sessionOf(credential)
      if (session) authority.model.endSession(session, 'revoked')
    }
    const reply = row?.acts === 'instead' ? null : await authority.answer(request)
    const gave = reply?.tokens?.refresh ?? null
    const name = row?.name ?? (reply?.error ? 'refused' : 'tokens')
    tell({
      kind: 'arrived',
      request: request.id,
      acted: reply !== null,
      row: name,
      gave: gave === null ? null : authority.idOf(gave),
      reused: reply?.reused ?? false,
    })
    answer(request, name, row, reply)
  }

  function answer(request: Request, name: string, row: Row | null, reply: Reply | null): void {
    if (!request.settle) return
    const { tab, endpoint, call } = request
    choices.add({
      kind: 'answer',
      tab: tab.name,
      lane: null,
      isHeld: () => tab.isFrozen,
      describe: () => `answer to request ${request.id} (${endpoint}): ${name}`,
      faults: row === null && reply === null ? [] : answerFaults,
      take: (fault) => deliver(request, fault ?? name, fault === null ? row : null, fault === null ? reply : null),
      call,
    })
  }

  function deliver(request: Request, name: string, row: Row | null, reply: Reply | null): void {
    const { settle, tab, endpoint, credential } = request
    if (!settle) return
    request.settle = null
    open.delete(request)
    const isSilent = row === null && reply === null
    const meaning: Meaning = isSilent ? (name === 'never sent' ? 'unspent' : 'unknown') : meaningOf(row, reply)
    const gave = row === null ? (reply?.tokens?.refresh ?? null) : null
    tell({
      kind: 'answered',
      request: request.id,
      row: name,
      meaning,
      gave: gave === null ? null : authority.idOf(gave),
      server: gave === null ? null : (authority.sessionOf(gave)?.id ?? null),
      owner: gave === null ? null : authority.ownerOf(gave),
    })
    if (isSilent) return settle.reject(name === 'never sent' ? neverSent() : new TypeError('canary network'))
    const status = row?.status ?? reply?.status ?? 200
    if ((status === 401 || status === 403) && guarded.has(endpoint) && credential !== null)
      tab.refused.add(authority.idOf(credential))
    settle.resolve(authority.write(row, reply))
  }

  return {
    fetch(tab, input, init) {
      const question = authority.read(input, init)
      const { endpoint, credential } = question
      return new Promise((resolve, reject) => {
        const signal = init?.signal ?? null
        if (signal?.aborted) return reject(signal.reason as Error)
        const request: Request = {
          ...question,
          id: (count += 1),
          tab,
          call: currentCall(),
          settle: { resolve, reject },
        }
        open.add(request)
        tell({
          kind: 'sent',
          tab: tab.name,
          request: request.id,
          endpoint,
          credential: credential === null ? null : authority.idOf(credential),
          server: credential === null ? null : (authority.sessionOf(credential)?.id ?? null),
          owner: credential === null ? null : authority.ownerOf(credential),
          nothingToLose: endpoint === 'refresh' && credential !== null && nothingToLose(tab, credential),
          call: request.call,
        })
        signal?.addEventListener('abort', () => {
          const { settle } = request
          unheard(request, 'aborted')
          settle?.reject(signal.reason)
        })
        if (tab.isOffline) answer(request, 'offline', null, null)
        else send(request)
      })
    },
    forget(tab) {
      for (const request of open) if (request.tab === tab) unheard(request, 'killed')
    },
  }
}

function meaningOf(row: Row | null, reply: Reply | null): Meaning {
  if (row) return row.meaning
  if (reply?.tokens) return 'tokens'
  if (reply?.error) return reply.status === 400 ? 'terminal' : 'unspent'
  return 'unknown'
}
