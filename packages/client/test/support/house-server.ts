import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { createDeferred } from './deferred.ts'
import { listen } from './openid-provider.ts'

interface Reply {
  readonly status: number
  readonly body?: object | string
  readonly headers?: Record<string, string>
}

type Asked = Readonly<Record<string, unknown>>

export interface HouseServer {
  readonly origin: string
  /** What was asked, in order. */
  readonly paths: readonly string[]
  /** How many refresh tokens are good. */
  readonly countSessions: () => number
  /** Ends all sessions, as an operator does. */
  readonly endSessions: () => void
  /** The next answer of `/refresh`, in the place of the server's own. */
  instead: Reply | null
  /** Keeps the next answer of `/refresh`. `arrived`: it is made. */
  hold(): { readonly arrived: Promise<void>; readonly release: () => void }
}

/** A server of somebody's own, which knows nothing of OAuth: passwords, and refresh tokens that are good once. Stopped with the test. */
export async function startHouseServer(): Promise<HouseServer> {
  const good = new Set<string>()
  const used = new Set<string>()
  const paths: string[] = []
  let gate: { arrive: () => void; opened: Promise<void> } | null = null

  function grant(): Reply {
    const refresh = randomUUID()
    good.add(refresh)
    return { status: 200, body: { access: randomUUID(), refresh, seconds: 300, user: { id: '1', name: 'Ada' } } }
  }

  function refresh({ refresh: token }: Asked): Reply {
    const { instead } = house
    house.instead = null
    if (instead) return instead
    if (good.delete(String(token))) {
      used.add(String(token))
      return grant()
    }
    return { status: 401, body: { error: used.has(String(token)) ? 'token_used' : 'session_over' } }
  }

  const routes: Readonly<Record<string, (asked: Asked) => Reply>> = {
    '/login': ({ password }) =>
      password === 'right' ? grant() : { status: 401, body: { error: 'wrong_password', hint: 'canary' } },
    '/refresh': refresh,
    '/logout': ({ refresh: token }) => ({ status: good.delete(String(token)) ? 204 : 404 }),
  }

  async function answer(request: IncomingMessage): Promise<Reply> {
    const path = request.url ?? ''
    paths.push(path)
    const reply = routes[path]?.(JSON.parse(await text(request)) as Asked) ?? { status: 404 }
    if (path !== '/refresh' || !gate) return reply
    const { arrive, opened } = gate
    gate = null
    arrive()
    await opened
    return reply
  }

  const origin = await listen((request, response) => {
    void answer(request).then(({ status, body, headers }) => {
      const written = typeof body === 'string' ? body : JSON.stringify(body)
      response.writeHead(status, headers).end(written)
    })
  })

  const house: HouseServer = {
    origin,
    paths,
    countSessions: () => good.size,
    endSessions: () => good.clear(),
    instead: null,
    hold() {
      const [arrived, opened] = [createDeferred(), createDeferred()]
      gate = { arrive: arrived.resolve, opened: opened.promise }
      return { arrived: arrived.promise, release: opened.resolve }
    },
  }
  return house
}
