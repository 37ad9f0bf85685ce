// Imports every entry point named on the command line, as an app would.
import { runtime } from './runtime.mjs'

for (const entry of process.argv.slice(2)) {
  const names = Object.keys(await import(entry))
  if (names.length === 0) throw new Error(`${entry} exports nothing`)
  console.log(`${runtime}: ${entry} exports ${names.join(', ')}`)
}
// MSW, which the testing package needs, opens a BroadcastChannel as it is imported, and one that is open keeps Deno alive.
if (process.versions.deno) process.exit()
