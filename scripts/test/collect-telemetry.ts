// Only the tests of what tells telemetry wait for what hears it to be loaded.
import { join } from 'node:path'
import { expect } from 'vitest'
import { root } from '../lib/root.mjs'

const path = expect.getState().testPath ?? ''

const emitter = ['client', 'server'].find((name) => path.startsWith(join(root, 'packages', name, 'test')))

if (emitter !== undefined) {
  const [{ hearTelemetry }] = await Promise.all([import('./hear-telemetry.ts'), import('./listen-for-secrets.ts')])
  hearTelemetry(path, emitter)
}
