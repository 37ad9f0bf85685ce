// Holds what their tests made the client and the server side tell against the telemetry registry. `npm run test:unit` notes it; run that first.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Complaint, runScript } from './lib/complaint.mjs'
import { readRegistry } from './lib/registry.mjs'
import { root } from './lib/root.mjs'
import { compare } from './lib/told.mjs'

await runScript(() => {
  const registry = readRegistry()
  for (const emitter of /** @type {const} */ (['client', 'server'])) {
    const notes = globSync(`test-results/telemetry/${emitter}/*.json`, { cwd: root })
    if (notes.length === 0) throw new Complaint('No test has been run yet. Run `npm run test:unit` first.')
    const told = notes.flatMap((path) => JSON.parse(readFileSync(join(root, path), 'utf8')))
    const { strangers, missing } = compare(registry, told, emitter)
    for (const sentence of strangers) console.error(sentence)
    for (const entry of missing)
      console.error(`${entry}: the registry says that the ${emitter} tells it, and no test has seen it`)
    console.log(
      `Read what ${notes.length} test files made the ${emitter} tell: ${strangers.length} strangers, ${missing.length} missing.`,
    )
    if (strangers.length + missing.length > 0) process.exitCode = 1
  }
})
