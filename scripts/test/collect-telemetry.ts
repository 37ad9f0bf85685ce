// Only the tests of what tells something wait for what hears it to be loaded.
import { join } from 'node:path'
import { expect } from 'vitest'
import { root } from '../lib/root.mjs'

const path = expect.getState().testPath ?? ''
const isOf = (name: string): boolean => path.startsWith(join(root, 'packages', name, 'test'))

if (['client', 'react', 'server', 'telemetry'].some(isOf)) await import('./listen-for-secrets.ts')

const emitter = ['client', 'server'].find(isOf)

if (emitter !== undefined) {
  const { hearTelemetry } = await import('./hear-telemetry.ts')
  hearTelemetry(path, emitter)
}
