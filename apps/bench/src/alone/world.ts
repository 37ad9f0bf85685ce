import { trace } from '@opentelemetry/api'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { AuthServer } from '@authflight/testing'
import type { Client } from '../clients/clients.ts'
import { loadClient } from '../clients/load.ts'
import type { Subject } from '../clients/subject.ts'
import { answerIn, createStrictServer, untilExpiry } from '../server.ts'

/** A process with one client, its server, and a clock that both go by. */
export interface World {
  readonly server: AuthServer
  readonly subject: Subject
  /** Signs in anew and lets the access token run out, or keeps it fresh. */
  begin(state: 'fresh' | 'expired'): Promise<void>
}

/** The network and the clock of this process are replaced, so nothing else may run in it. */
export async function createWorld(client: Client): Promise<World> {
  let passed = 0
  const { now } = Date
  Date.now = () => now() + passed

  const server = createStrictServer(Date.now)
  globalThis.fetch = async (input, init) => {
    const answer = await answerIn(server, new Request(input, init))
    if (typeof answer === 'string') throw new TypeError('fetch failed')
    return answer
  }
  if (client.sdk) registerSdk()

  const create = await loadClient(client)
  const subject = await create(
    {
      issuer: server.issuer,
      clientId: 'spa',
      email: server.users[0]?.email ?? '',
      authorize: (url) => server.authorize(url),
      tokens: () => server.signIn(),
    },
    client.options,
  )
  return {
    server,
    subject,
    async begin(state) {
      await subject.signIn()
      if (state === 'expired') passed += untilExpiry
    },
  }
}

/** As an app in production has it, but for where the spans go. */
function registerSdk(): void {
  const exporter = {
    export: (_spans: unknown, done: (result: { code: 0 }) => void) => done({ code: 0 }),
    shutdown: async () => {},
  }
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] }))
}

/** Processor time of this process so far, milliseconds, with that of its garbage collector. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
