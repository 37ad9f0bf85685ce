// The process of unit-tests.ts: one Vitest that stays, and runs the tests on one mutant after another.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { createVitest, type TestModule, type TestSpecification } from 'vitest/node'
import config from '../../../vitest.config.ts'
import { type Mutant, mutate } from './mutant.ts'
import { addressOf, placeOf } from './sources.ts'
import type { Question, Word } from './unit-tests.ts'

const say = (word: Word): void => void process.send?.(word)

let mutant: Mutant | null = null
const pathOf = ({ file }: Mutant): string => fileURLToPath(addressOf(file))

const mutates: Plugin = {
  name: 'mutates',
  enforce: 'pre',
  load: (id) => (mutant && id === pathOf(mutant) ? mutate(readFileSync(id, 'utf8'), mutant) : null),
}

/** The files that this run has come to. What Vitest gives in the end tells of others what they did on the mutant before. */
let ended: TestModule[] = []

/** Files run in the order that they are given in. */
class AsGiven {
  shard = (files: TestSpecification[]): TestSpecification[] => files
  sort = (files: TestSpecification[]): TestSpecification[] => files
}

const unit = config.test?.projects?.find(
  (project) => typeof project === 'object' && 'test' in project && project.test?.name === 'unit',
) as { resolve: object; ssr: object; test: { exclude: string[] } } | undefined
if (!unit) throw new Error('vitest.config.ts has no project with the name `unit` any more.')
const { resolve, ssr, test } = unit

const vitest = await createVitest(
  {
    config: false,
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    watch: false,
    include: ['packages/{client,server}/test/**/*.test.ts'],
    exclude: test.exclude,
    pool: 'threads',
    maxWorkers: 1,
    bail: 1,
    // The time that a test takes says nothing about a mutant, unless it never ends.
    testTimeout: 20_000,
    expect: { poll: { timeout: 10_000 } },
    // It goes by what is on the disk, where no mutant is: one mutant would stay for all later runs.
    fsModuleCache: false,
    silent: true,
    reporters: [
      { onTestCaseResult: () => say({ kind: 'passed' }), onTestModuleEnd: (module) => void ended.push(module) },
    ],
    sequence: { sequencer: AsGiven },
  },
  { resolve, ssr, plugins: [mutates] },
)
await vitest.standalone()
const wanted = process.argv.slice(2)
const specifications = (await vitest.globTestSpecifications()).filter(
  ({ moduleId }) => wanted.length === 0 || wanted.some((part) => moduleId.includes(part)),
)

/** The path of a test in its package. */
const nameOf = (moduleId: string): string => moduleId.replace(/.*\/packages\/(client|server)\/test\//, '')

/** The tests of its own package. */
const isAbout =
  (one: Mutant | null) =>
  ({ moduleId }: TestSpecification): boolean =>
    !one || moduleId.includes(`/packages/${placeOf(one.file).in}/`)

/** How many mutants each file has caught: after the one that caught it before, and the mutated file's own tests, those who have caught most. */
const caught = new Map<string, number>()

function rank(moduleId: string, before: string | null): number {
  if (before?.startsWith(`${nameOf(moduleId)}: `)) return Infinity
  if (mutant && moduleId.endsWith(`/${placeOf(mutant.file).path.replace(/\.ts$/, '.test.ts')}`)) return Number.MAX_VALUE
  return (caught.get(moduleId) ?? 0) + (moduleId.includes('/promises/') ? 0.5 : 0)
}

async function run(next: Mutant | null, before: string | null): Promise<string | null> {
  for (const one of [mutant, next]) if (one) vitest.invalidateFile(pathOf(one))
  mutant = next
  const ranked = specifications.filter(isAbout(mutant)).map((it) => ({ it, rank: rank(it.moduleId, before) }))
  let left = ranked.toSorted((a, b) => b.rank - a.rank).map(({ it }) => it)
  while (left.length > 0) {
    const { failed, isQuiet } = await runUntilOneFails(left)
    if (!failed) return isQuiet ? null : 'an error that nobody handles'
    // Once more, alone: where it fails because the machine is busy, nothing is said about the mutant.
    const { failed: again } = await runUntilOneFails(left.filter(({ moduleId }) => moduleId === failed.moduleId))
    if (again) {
      caught.set(again.moduleId, (caught.get(again.moduleId) ?? 0) + 1)
      return tell(again)
    }
    left = left.slice(left.findIndex(({ moduleId }) => moduleId === failed.moduleId) + 1)
  }
  return null
}

async function runUntilOneFails(files: TestSpecification[]): Promise<{ failed?: TestModule; isQuiet: boolean }> {
  ended = []
  const { unhandledErrors } = await vitest.runTestSpecifications(files)
  const failed = ended.find((module) => module.state() === 'failed')
  return { ...(failed && { failed }), isQuiet: unhandledErrors.length === 0 }
}

function tell(module: TestModule): string {
  const [first] = module.children.allTests('failed')
  return `${nameOf(module.moduleId)}: ${first?.fullName ?? 'could not be loaded'}`
}

process.on('message', (question: Question) => {
  void run(question.mutant, question.before).then((how) => say({ kind: 'done', how }))
})
// Nobody is left to ask.
process.on('disconnect', () => process.exit())
say({ kind: 'ready' })
