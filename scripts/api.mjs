// `npm run api`: writes what each package exports into its `api.md`, from what `npm run build` made. With `--check` it only compares, so
// that no change to the public surface goes unseen.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { reportApi } from './lib/api-report.mjs'
import { Complaint, runScript } from './lib/complaint.mjs'
import { listDifferences } from './lib/differences.mjs'
import { root } from './lib/root.mjs'
import { readPackages } from './lib/workspaces.mjs'

const onlyCompares = process.argv.includes('--check')

await runScript(() => {
  const changed = readPackages().filter(({ folder }) => {
    const path = join(folder, 'api.md')
    const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
    const now = reportApi(folder)
    const name = relative(root, path)
    console.log(`${name}: ${before === now ? 'unchanged' : 'changed'}`)
    if (before === now) return false
    console.log(listDifferences(before, now).join('\n'))
    if (!onlyCompares) writeFileSync(path, now)
    return true
  })
  if (onlyCompares && changed.length > 0) {
    throw new Complaint(
      `${changed.map(({ name }) => name).join(', ')} no longer exports what its api.md says. ` +
        'If that is meant, run `npm run api` and commit what it writes, with a changeset.',
    )
  }
})
