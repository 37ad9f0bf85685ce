import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { trace } from '@opentelemetry/api'
import { generate } from 'selfsigned'
import { afterAll, expect, onTestFinished, test, vi } from 'vitest'
import { startTelemetry } from '../src/node.ts'
import { startReceiver } from './support/receiver.ts'

// A receiver that nobody else vouches for, and that asks its senders who they are.
const {
  private: key,
  cert,
  clientcert,
  clientprivate,
} = await generate([{ name: 'commonName', value: '127.0.0.1' }], {
  keyType: 'ec',
  algorithm: 'sha256',
  clientCertificate: true,
  extensions: [
    { name: 'basicConstraints', cA: true },
    { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] },
  ],
})
const folder = mkdtempSync(join(tmpdir(), 'authflight-certificates-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, text = ''): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const variables = {
  OTEL_EXPORTER_OTLP_CERTIFICATE: file('receiver.pem', cert),
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: file('sender.pem', clientcert),
  OTEL_EXPORTER_OTLP_CLIENT_KEY: file('sender-key.pem', clientprivate),
}

/** The names of the spans that arrive at such a receiver where these variables are set. */
async function arriving(set: Partial<typeof variables>): Promise<string[]> {
  const receiver = await startReceiver({ key, cert, ca: cert, requestCert: true })
  onTestFinished(receiver.stop)
  onTestFinished(() => void vi.unstubAllEnvs())
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) vi.stubEnv(name, undefined)
  for (const [name, value] of Object.entries({ ...set, OTEL_EXPORTER_OTLP_TIMEOUT: '2000' })) vi.stubEnv(name, value)
  const telemetry = startTelemetry({ serviceName: 'shop', endpoint: receiver.url })
  onTestFinished(telemetry.shutdown)
  trace.getTracer('app').startSpan('work').end()
  await telemetry.shutdown()
  return receiver.spans().map(({ name }) => name)
}

test('the certificates that the standard variables name are trusted, and shown', async () => {
  expect(await arriving(variables)).toEqual(['work'])
})

test.each(Object.keys(variables))('without %s nothing arrives', async (name) => {
  expect(await arriving({ ...variables, [name]: undefined })).toEqual([])
})

test('a signal can have its own', async () => {
  const own = Object.entries(variables).map(([name, path]) => [name.replace('OTLP_', 'OTLP_TRACES_'), path])
  expect(await arriving(Object.fromEntries(own) as Partial<typeof variables>)).toEqual(['work'])
})
