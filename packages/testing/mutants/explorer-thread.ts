// One thread of explorer.ts: a client with one mutant in it, from its loading to its end.
import { readFileSync } from 'node:fs'
import { enableCompileCache, registerHooks } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import fc from 'fast-check'
import type { Exploring } from './explorer.ts'
import { mutate } from './mutant.ts'
import { addressOf } from './sources.ts'

const { mutant, runs, seed } = workerData as Exploring

// What no mutant changes is compiled once for all threads.
enableCompileCache()

if (mutant) {
  const address = addressOf(mutant.file)
  registerHooks({
    load(url, context, next) {
      if (url !== address.href) return next(url, context)
      const source = mutate(readFileSync(address, 'utf8'), mutant)
      return { format: 'module-typescript', source, shortCircuit: true }
    },
  })
}

// Errors are made by the thousand here and shown to nobody, and what a store that fails is warned of is no news.
Error.stackTraceLimit = 0
console.warn = () => {}

// Only now: what is imported above is not the client.
const { judge, play, schedules } = await import('../src/explorer/index.ts')
let broken: string | null = null
const property = fc.asyncProperty(schedules, async (schedule) => {
  parentPort?.postMessage('played')
  const [violation] = judge((await play(schedule)).history)
  if (violation) broken = `promise ${violation.promise}: ${violation.invariant}`
  return !violation
})
// The schedules of `npm run explore -- --seed`, without making the one that fails smaller.
const { failed } = await fc.check(property, { numRuns: runs, seed, endOnFailure: true })
parentPort?.postMessage({ how: failed ? (broken ?? 'a schedule throws') : null })
