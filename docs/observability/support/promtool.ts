import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Series } from '../../../packages/client/test/support/measure.ts'
import { findPromtool } from '../../../scripts/lib/promtool.mjs'

/** Lets `promtool` say whether a file of tests passes, and what is wrong otherwise. */
export function runPromtool(given: object) {
  const promtool = findPromtool()
  if (!promtool) throw new Error('There is no promtool. It is in the Debian package `prometheus`.')
  const folder = mkdtempSync(join(tmpdir(), 'authflight-promtool-'))
  try {
    const file = join(folder, 'test.yaml')
    writeFileSync(file, stringify(given))
    const { status, stdout, stderr } = spawnSync(promtool, ['test', 'rules', file], { encoding: 'utf8' })
    return { status, complaint: status === 0 ? '' : stdout + stderr }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What becomes of a measured value from step to step, in the notation of `promtool`. */
export type Course = (value: number, metric: string) => string

/** A measured series as Prometheus would have it. */
export function linesOf({ metric, unit, attributes, count, sum, boundaries, buckets }: Series, course: Course) {
  const name = metric.replaceAll('.', '_') + (unit === 's' ? '_seconds' : '')
  const labels = Object.entries(attributes).map(([key, value]) => `${key.replaceAll('.', '_')}="${String(value)}"`)
  const line = (suffix: string, value: number, more: string[] = []) => ({
    series: `${name}${suffix}{${[...labels, ...more].join(',')}}`,
    values: course(value, metric),
  })
  if (!boundaries || !buckets) return metric.endsWith('.active') ? [] : [line('_total', count)]
  let below = 0
  return [
    ...boundaries.map((bound, at) => line('_bucket', (below += buckets[at] ?? 0), [`le="${bound}"`])),
    line('_bucket', count, ['le="+Inf"']),
    line('_count', count),
    line('_sum', sum),
  ]
}
