// Packs every package as it would be published, checks the tarballs, and uses them in an empty app of their own.
// The app's code is what README.md, docs/ and some packages' READMEs show.
import { cpSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listCodeBlocks } from './lib/code-blocks.mjs'
import { runScript } from './lib/complaint.mjs'
import { root } from './lib/root.mjs'
import { runTool } from './lib/run-tool.mjs'
import { readPackages } from './lib/workspaces.mjs'

/** The oldest Node that the packages promise to run on, and what an app brings along for them. */
const oldestNode = '20.20.2'
const companions = ['@opentelemetry/api', '@types/react', '@types/react-dom', 'msw', 'react', 'react-dom']

const packages = readPackages()

await runScript(() => {
  const app = mkdtempSync(join(tmpdir(), 'authflight-app-'))
  try {
    const tarballs = pack(app)
    for (const tarball of tarballs) {
      runTool('publint', ['run', tarball, '--strict'])
      runTool('attw', [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji'])
    }
    installApp(app, tarballs)
    cpSync(join(root, 'scripts', 'consumer'), app, { recursive: true })
    importEntries(app)
    writeExamples(app)
    for (const resolution of ['bundler', 'nodenext']) runTool('tsc', ['--project', `tsconfig.${resolution}.json`], app)
  } finally {
    rmSync(app, { recursive: true })
  }
})

/** @param {string} app */
function pack(app) {
  for (const { folder } of packages) runTool('npm', ['pack', '--silent', '--pack-destination', app], folder)
  return readdirSync(app)
    .filter((name) => name.endsWith('.tgz'))
    .map((name) => join(app, name))
}

/**
 * @param {string} app
 * @param {string[]} tarballs
 */
function installApp(app, tarballs) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const pinned = companions.map((name) => `${name}@${lock.packages[`node_modules/${name}`].version}`)
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({ private: true, type: 'module', allowScripts: { node: true, msw: false } }),
  )
  runTool(
    'npm',
    [
      'install',
      '--prefix',
      app,
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
      `node@${oldestNode}`,
      ...pinned,
      ...tarballs,
    ],
    app,
  )
}

/**
 * Imports every entry point, as code and as types, on the oldest Node and on this one.
 *
 * @param {string} app
 */
function importEntries(app) {
  const entries = packages.flatMap((found) => found.entries)
  runTool(join(app, 'node_modules', '.bin', 'node'), ['import-all.mjs', ...entries], app)
  runTool('node', ['import-all.mjs', ...entries], app)
  writeFileSync(
    join(app, 'every-entry.ts'),
    entries.map((entry, i) => `export * as entry${i} from '${entry}'\n`).join(''),
  )
}

/**
 * Makes a file of every block of TypeScript in READMEs and docs, named by the line it begins at: whoever copies one into
 * an app has code that compiles.
 *
 * @param {string} app
 */
function writeExamples(app) {
  const pages = globSync(['README.md', 'docs/**/*.md', 'packages/{client,telemetry}/README.md'], { cwd: root })
  for (const page of pages) {
    for (const { line, extension, code } of listCodeBlocks(readFileSync(join(root, page), 'utf8'))) {
      const name = `${page.replaceAll(/[\\/]/g, '-')}-line-${line}.${extension}`
      writeFileSync(join(app, name), `${code}\nexport {}\n`)
      console.log(`Example: ${name}`)
    }
  }
}
