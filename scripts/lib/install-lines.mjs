import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Complaint } from './complaint.mjs'
import { runTool } from './run-tool.mjs'
import { readPackages } from './workspaces.mjs'

/**
 * Follows each line by which a README of a package tells to install something, the client's first, all in one app that begins empty: what they ask
 * for has to fit together. npm resolves it and downloads no code.
 *
 * @param {string[]} tarballs take the place of our packages, which are in no registry
 */
export async function followInstallLines(tarballs) {
  const app = mkdtempSync(join(tmpdir(), 'authflight-lines-'))
  try {
    writeFileSync(join(app, 'package.json'), JSON.stringify({ private: true }))
    for (const { name, folder } of readPackages()) {
      for (const words of readInstallLines(name, readFileSync(join(folder, 'README.md'), 'utf8'))) {
        const flags = ['--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
        await runTool('npm', ['install', ...flags, ...words.map((word) => findTarball(word, tarballs) ?? word)], app)
      }
    }
  } finally {
    rmSync(app, { recursive: true })
  }
}

/**
 * What a README tells to install.
 *
 * @param {string} name of the package whose README it is
 * @param {string} markdown
 * @returns {string[][]} the words that follow `npm install`, line by line
 * @throws {Complaint} where the first does not tell to install the package
 */
export function readInstallLines(name, markdown) {
  const lines = [...markdown.matchAll(/^npm install (.+)$/gm)].map(([, words = '']) => words.split(/\s+/))
  if (!lines[0]?.includes(name)) throw new Complaint(`The README of ${name} has no line \`npm install … ${name} …\`.`)
  return lines
}

/**
 * @param {string} name
 * @param {string[]} tarballs
 */
const findTarball = (name, tarballs) =>
  tarballs.find((path) => basename(path).startsWith(`${name.replace('@', '').replace('/', '-')}-`))
