import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace-base'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { startTelemetry } from '../src/node.ts'
import { signInToApp } from './support/app.ts'

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined)
  // Long enough that a request which is to hang has left on a busy machine.
  vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '1000')
  onTestFinished(() => void vi.unstubAllEnvs())
})

/** A receiver on a free port, and how often it was asked. */
async function receive(answer: RequestListener) {
  const listener = vi.fn<RequestListener>(answer)
  const server = createServer(listener)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  onTestFinished(() => server.closeAllConnections())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: listener.mock.calls }
}

/** What an app sees of a sign-in, a refresh by two callers and a sign-out. */
async function play() {
  const { auth, returned } = await signInToApp()
  const refreshed = await Promise.all([auth.refreshSession(), auth.refreshSession()])
  const sessions = [returned, ...refreshed].map(({ data: { session }, error }) => [session?.revision, error])
  return [...sessions, await auth.signOut(), auth.getSnapshot()]
}

const undisturbed = [
  [1, null],
  [2, null],
  [2, null],
  { data: { url: null }, error: null },
  { status: 'signed-out', reason: 'user' },
]

test.each<[string, RequestListener]>([
  ['answers nothing', () => {}],
  ['cuts every connection', (request) => void request.destroy()],
  ['answers with nonsense', (_, response) => void response.end('nonsense')],
  ['begins an answer and never ends it', (_, response) => void response.writeHead(200).write('{')],
  ['refuses all', (_, response) => void response.writeHead(400).end()],
  ['is always busy', (_, response) => void response.writeHead(503, { 'retry-after': '3600' }).end()],
])('a receiver that %s changes no result, and the shutdown ends', async (_, answer) => {
  const { url, asked } = await receive(answer)
  const telemetry = startTelemetry({ serviceName: 'shop', endpoint: url })
  onTestFinished(telemetry.shutdown)
  expect(await play()).toEqual(undisturbed)
  await telemetry.shutdown()
  expect(asked.map(([{ url: path }]) => path)).toEqual(expect.arrayContaining(['/v1/traces', '/v1/metrics']))
})

test.each<[string, () => unknown, string[]]>([
  [
    'throws',
    () => {
      throw new Error('a sampler’s fault')
    },
    ['/v1/metrics'],
  ],
  ['decides nothing', () => undefined, ['/v1/metrics']],
  ['never decides', () => new Promise(() => {}), ['/v1/metrics']],
  [
    'blocks',
    () => {
      const end = performance.now() + 20
      while (performance.now() < end);
      return { decision: SamplingDecision.RECORD_AND_SAMPLED }
    },
    ['/v1/metrics', '/v1/traces'],
  ],
])('a sampler that %s changes no result, metrics go on, and the shutdown ends', async (_, shouldSample, paths) => {
  const { url, asked } = await receive((__, response) => void response.end())
  const sampler = { shouldSample: vi.fn<Sampler['shouldSample']>(shouldSample as Sampler['shouldSample']) }
  const telemetry = startTelemetry({ serviceName: 'shop', endpoint: url, sampler })
  onTestFinished(telemetry.shutdown)
  expect(await play()).toEqual(undisturbed)
  expect(sampler.shouldSample).toHaveBeenCalled()
  await telemetry.shutdown()
  expect(asked.map(([{ url: path }]) => path).toSorted()).toEqual(paths)
})
