// Holds what the client's tests made it tell against the telemetry registry. `npm run test:unit` notes it; run that first.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Complaint, runScript } from './lib/complaint.mjs'
import { readRegistry } from './lib/registry.mjs'
import { root } from './lib/root.mjs'
import { compare } from './lib/told.mjs'

await runScript(() => {
  const notes = globSync('test-results/telemetry/*.json', { cwd: root })
  if (notes.length === 0) throw new Complaint('No test has been run yet. Run `npm run test:unit` first.')
  const told = notes.flatMap((path) => JSON.parse(readFileSync(join(root, path), 'utf8')))
  const { strangers, missing } = compare(readRegistry(), told)
  for (const sentence of strangers) console.error(sentence)
  for (const entry of missing) console.error(`${entry}: the registry names it, and no test has seen it`)
  console.log(
    `Read what ${notes.length} test files made the client tell: ${strangers.length} strangers, ${missing.length} missing.`,
  )
  if (strangers.length + missing.length > 0) process.exitCode = 1
})
