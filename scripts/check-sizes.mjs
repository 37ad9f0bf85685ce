// What an app pays for each part, held against its bar. It measures what `npm run build` made.
import { runScript } from './lib/complaint.mjs'
import { measureBundle, measureOpened } from './lib/bundle-size.mjs'

const createAuthClient = "export { createAuthClient } from '@authflight/client'"
const panel = "export { AuthDevtoolsPanel } from '@authflight/devtools/production'"
const oauth = "export { oauth } from '@authflight/client/oauth'"
const dpop = "export { dpop } from '@authflight/client/oauth/dpop'"
const gotrue = "export { gotrue } from '@authflight/client/gotrue'"

/**
 * kB, gzip. `bar`: what it is meant to weigh, held by `npm run bench -- --check`. `budget`: what it may weigh until it does, so that nothing
 * grows unnoticed (decisions/0007-the-client-is-over-its-size-bar.md).
 */
const parts = [
  { name: 'client', bar: 9, budget: 38.8, code: createAuthClient },
  { name: 'client with oauth', bar: 18, budget: 48.8, code: `${createAuthClient}\n${oauth}` },
  { name: 'client with dpop', bar: 20, budget: 51.5, code: `${createAuthClient}\n${oauth}\n${dpop}` },
  { name: 'client with gotrue', bar: 12, budget: 44.2, code: `${createAuthClient}\n${gotrue}` },
  { name: 'panel, opened', bar: 45, budget: 45, code: panel, measure: measureOpened },
  {
    name: 'panel, closed',
    bar: 9,
    budget: 9,
    code: "export { AuthDevtools } from '@authflight/devtools/production'",
    measure: measureOpened,
  },
  { name: 'panel, whole', bar: 61, budget: 61, code: panel },
  // A build that does not ask for the panel has two empty functions of it.
  {
    name: 'panel, unasked',
    bar: 0.1,
    budget: 0.1,
    code: "export { AuthDevtools, AuthDevtoolsPanel } from '@authflight/devtools/react'",
  },
]

await runScript(async () => {
  for (const { name, bar, budget, code, measure = measureBundle } of parts) {
    const size = await measure(code)
    const judged = size <= bar ? `within its bar of ${bar} kB` : `OVER its bar of ${bar} kB; budget ${budget} kB`
    console.log(`${name.padEnd(19)}${size.toFixed(2).padStart(6)} kB gzip, ${judged}`)
    if (size > budget) {
      console.log(`${name} has grown beyond its budget. Make it smaller, or say in decision 7 what for.`)
      process.exitCode = 1
    }
  }
})
