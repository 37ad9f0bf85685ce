// `npm run generate`: makes what is made of the telemetry registry. A test says when that was forgotten.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runScript } from './lib/complaint.mjs'
import { generate } from './lib/generated.mjs'
import { root } from './lib/root.mjs'

await runScript(async () => {
  for (const { path, text } of await generate()) {
    writeFileSync(join(root, path), text)
    console.log(`Wrote ${path}`)
  }
})
