// Packs every package as it would be published, checks the tarballs, and uses them: as each README tells to install its package, and in an empty
// app whose code is what README.md, docs/ and the packages' READMEs show, on every runtime, in a Vite app with a worker, and in Next.js.
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBundledApi } from './lib/bundled-api.mjs'
import { listCodeBlocks } from './lib/code-blocks.mjs'
import { Complaint, runScript } from './lib/complaint.mjs'
import { followInstallLines } from './lib/install-lines.mjs'
import { installApp, packAll } from './lib/packed-app.mjs'
import { root } from './lib/root.mjs'
import { runTool } from './lib/run-tool.mjs'
import { listRuntimes } from './lib/runtimes.mjs'
import { travelEverywhere } from './lib/travels.mjs'
import { readPackages } from './lib/workspaces.mjs'

await runScript(async () => {
  const app = mkdtempSync(join(tmpdir(), 'authflight-app-'))
  try {
    const tarballs = await packAll(app)
    await sideBySide(checkTarballs(tarballs), followInstallLines(tarballs), installApp(app, tarballs))
    checkBundledApi(app)
    await importEntries(app)
    writeExamples(app)
    await sideBySide(checkTypes(app), travelEverywhere(app))
  } finally {
    rmSync(app, { recursive: true })
  }
})

/**
 * Waits for both, also when one fails: what they work in is removed afterwards.
 *
 * @param {Promise<unknown>[]} tasks
 */
async function sideBySide(...tasks) {
  await Promise.allSettled(tasks)
  await Promise.all(tasks)
}

/** @param {string[]} tarballs */
async function checkTarballs(tarballs) {
  for (const tarball of tarballs) {
    await runTool('publint', ['run', tarball, '--strict'])
    await runTool('attw', [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji'])
  }
}

/** @param {string} app */
async function checkTypes(app) {
  for (const kind of ['bundler', 'nodenext', 'es2022'])
    await runTool('tsc', ['--project', `tsconfig.${kind}.json`], app)
}

/**
 * Sees to it that no package has brought a copy of the OpenTelemetry API.
 *
 * @param {string} app
 */
function checkBundledApi(app) {
  /** @param {string} folder */
  const readCode = (folder) =>
    globSync('**/*.{js,mjs,cjs}', { cwd: join(app, 'node_modules', folder) })
      .map((path) => readFileSync(join(app, 'node_modules', folder, path), 'utf8'))
      .join('\n')
  const packages = readPackages().map(({ name }) => ({ name, code: readCode(`${name}/dist`) }))
  const faults = findBundledApi(readCode('@opentelemetry/api/build'), packages)
  if (faults.length > 0) throw new Complaint(faults.join('\n'))
  console.log(`No copy of the OpenTelemetry API in ${packages.map(({ name }) => name).join(', ')}`)
}

/**
 * Imports every entry point, as code on every runtime, and as types. Node requires them, too.
 *
 * @param {string} app
 */
async function importEntries(app) {
  const entries = readPackages().flatMap((found) => found.entries)
  for (const [name, program, ...words] of listRuntimes(app)) {
    await runTool(program, [...words, 'import-all.mjs', ...entries], app)
    if (name.startsWith('Node')) await runTool(program, ['require-all.cjs', ...entries], app)
  }
  const code = entries.map((entry, i) => `export * as entry${i} from '${entry}'\n`).join('')
  for (const kind of ['ts', 'cts']) writeFileSync(join(app, `every-entry.${kind}`), code)
}

/**
 * Makes a file of every block of TypeScript in READMEs and docs, named by the line it begins at: whoever copies one into
 * an app has code that compiles. Those of packages/testing are tests of its own.
 *
 * @param {string} app
 */
function writeExamples(app) {
  const pages = globSync(['README.md', 'docs/**/*.md', 'packages/{client,devtools,react,server,telemetry}/README.md'], {
    cwd: root,
  })
  for (const page of pages) {
    for (const { line, extension, code } of listCodeBlocks(readFileSync(join(root, page), 'utf8'))) {
      const name = `${page.replaceAll(/[\\/]/g, '-')}-line-${line}.${extension}`
      const head = /\bprocess\./.test(code) ? '/// <reference types="node" />\n' : ''
      writeFileSync(join(app, name), `${head}${code}\nexport {}\n`)
      console.log(`Example: ${name}`)
    }
  }
}
