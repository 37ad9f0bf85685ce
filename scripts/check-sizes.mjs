// What an app pays for each part, held against its bar. It measures what `npm run build` made.
import { runScript } from './lib/complaint.mjs'
import { measureBundle } from './lib/bundle-size.mjs'

const createAuthClient = "export { createAuthClient } from '@authflight/client'"
const oauth = "export { oauth } from '@authflight/client/oauth'"

/** Limits in kB, gzip. */
const bars = [
  { name: 'client', limit: 9, code: createAuthClient },
  { name: 'client with oauth', limit: 18, code: `${createAuthClient}\n${oauth}` },
  { name: 'panel', limit: 45, code: "export * from '@authflight/devtools/react'" },
]

await runScript(async () => {
  for (const { name, limit, code } of bars) {
    const size = await measureBundle(code)
    const isOver = size > limit
    console.log(
      `${name.padEnd(18)}${size.toFixed(2).padStart(6)} kB gzip, ${isOver ? 'OVER' : 'within'} its ${limit} kB`,
    )
    if (isOver) process.exitCode = 1
  }
})
