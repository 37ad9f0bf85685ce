// Which package may import which, and in the client which file may import which: the rules are in lib/arrows.mjs.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findWrongArrows } from './lib/arrows.mjs'
import { listImports } from './lib/imports.mjs'
import { root } from './lib/root.mjs'

const paths = globSync('packages/*/src/**/*.{ts,tsx}', { cwd: root }).sort()
const wrong = findWrongArrows(
  paths.map((path) => ({ path, imports: listImports(path, readFileSync(join(root, path), 'utf8')) })),
)

for (const sentence of wrong) console.error(sentence)
console.log(`Read the imports of ${paths.length} files: ${wrong.length} go where they may not.`)
if (wrong.length > 0) process.exitCode = 1
