// `npm run bench`: measures the client beside its limits and its peers. What it measures is what `npm run build` made.
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runScript } from '../../../scripts/lib/complaint.mjs'
import { ensureOwnPackages } from '../../../scripts/lib/own-packages.mjs'
import { elsewhere, judgeBars, writeJudgement } from './bars.ts'
import { home } from './clients/load.ts'
import { writeDocs } from './docs.ts'
import { measureFresh } from './measures/fresh.ts'
import { measurePanel } from './measures/panel.ts'
import { measureProcesses } from './measures/processes.ts'
import { measureSizes } from './measures/sizes.ts'
import { measureStorm } from './measures/storm.ts'
import { measureTabs } from './measures/tabs.ts'
import { measureTelemetry } from './measures/telemetry.ts'
import { type MeasureName, readOptions } from './options.ts'
import { writeReport } from './report.ts'
import { describeMachine, type Results } from './results.ts'

await runScript(async () => {
  const options = readOptions(process.argv.slice(2))
  await ensureOwnPackages(fileURLToPath(new URL('peers/', home)))

  async function measure<R>(name: MeasureName, run: () => Promise<R>): Promise<R | null> {
    if (!options.only.includes(name)) return null
    console.log(`Measuring: ${name} …`)
    return run()
  }
  const results: Results = {
    at: new Date().toISOString(),
    machine: describeMachine(),
    sizes: await measure('sizes', measureSizes),
    fresh: await measure('fresh', measureFresh),
    storm: await measure('storm', measureStorm),
    telemetry: await measure('telemetry', measureTelemetry),
    panel: await measure('panel', measurePanel),
    tabs: await measure('tabs', () => measureTabs(options.rounds)),
    processes: await measure('processes', measureProcesses),
  }

  const report = writeReport(results)
  console.log(`\n${report}\n`)
  save(results)
  if (options.writeDocs) await writeDocs(report)
  if (options.check) check(results)
})

function save(results: Results): void {
  const folder = fileURLToPath(new URL('results/', home))
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}latest.json`, `${JSON.stringify(results, null, 2)}\n`)
  console.log('The figures are in apps/bench/results/latest.json.')
}

function check(results: Results): void {
  const judgements = judgeBars(results)
  for (const judgement of judgements) console.log(writeJudgement(judgement))
  for (const what of elsewhere) console.log(`${'elsewhere'.padEnd(14)}${what}`)
  const broken = judgements.filter(({ verdict }) => verdict === 'BROKEN').length
  console.log(broken === 0 ? '\nNo bar is broken.' : `\n${broken} of ${judgements.length} bars are broken.`)
  if (broken > 0) process.exitCode = 1
}
