// Plays every case once against the client as it is now, and keeps its records: `node --conditions=@authflight/source` and this file.
import { writeFile } from 'node:fs/promises'
import { cases } from './cases.ts'
import { recordCase } from './stand.ts'

for (const { name, play, server } of cases) {
  const records = await recordCase(play, server)
  const file = new URL(`recordings/${name}.json`, import.meta.url)
  await writeFile(file, `${JSON.stringify({ v: 1, records })}\n`)
  console.log(`${name}: ${records.length} records`)
}
process.exit(0)
