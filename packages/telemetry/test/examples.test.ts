import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { trace } from '@opentelemetry/api'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { register } from '../examples/instrumentation.ts'
import { resourceOf, startReceiver } from './support/receiver.ts'

const folder = join(import.meta.dirname, '..')
const readme = readFileSync(join(folder, 'README.md'), 'utf8')

let receiver: Awaited<ReturnType<typeof startReceiver>>
beforeEach(async () => {
  receiver = await startReceiver()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await receiver.stop()
})

// The README says `typescript` where a block needs the types of Node, which the empty app of check-packages.mjs lacks.
test.each(globSync('examples/*.ts', { cwd: folder }))(
  'the README shows %s as it is, in about a dozen lines',
  (path) => {
    const code = readFileSync(join(folder, path), 'utf8')
    expect(readme).toContain(code)
    expect(code.trim().split('\n').length).toBeLessThanOrEqual(13)
  },
)

test('the file for Node sends what a process did before it was told to end', async () => {
  const work = `
    import { trace } from '@opentelemetry/api'
    trace.getTracer('app').startSpan('work').end()
    process.kill(process.pid, 'SIGTERM')
    setInterval(() => {}, 1_000)`
  const child = spawn(
    process.execPath,
    ['--conditions=@authflight/source', '--import', './examples/node.ts', '--input-type=module', '--eval', work],
    { cwd: folder, stdio: 'inherit' },
  )
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(receiver.spans().map(({ name }) => name)).toEqual(['work'])
  expect(resourceOf(receiver.received[0] as never)).toMatchObject({ 'service.name': 'shop-api' })
})

test('the file for Next.js starts in Node only, and ends the process when all is sent, where Next.js leaves that to it', async () => {
  const before = new Set(process.listeners('SIGTERM'))
  vi.stubEnv('NEXT_RUNTIME', 'edge')
  await register()
  expect(trace.getTracer('app').startSpan('edge').isRecording()).toBe(false)
  vi.stubEnv('NEXT_RUNTIME', 'nodejs')
  await register()
  expect(process.listeners('SIGTERM').filter((listener) => !before.has(listener))).toEqual([])
  // An SDK is registered once.
  trace.disable()
  vi.stubEnv('NEXT_MANUAL_SIG_HANDLE', 'true')
  await register()
  trace.getTracer('app').startSpan('node').end()
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never)
  onTestFinished(() => exit.mockRestore())
  const [end] = process.listeners('SIGTERM').filter((listener) => !before.has(listener))
  end?.('SIGTERM')
  await vi.waitFor(() => expect(exit).toHaveBeenCalledExactlyOnceWith())
  expect(receiver.spans().map(({ name }) => name)).toEqual(['node'])
})
