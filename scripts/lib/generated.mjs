import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'oxfmt'
import { readRegistry } from './registry.mjs'
import { toTypeScript } from './registry-code.mjs'
import { fillPage } from './registry-page.mjs'
import { root } from './root.mjs'

/**
 * What is made of the telemetry registry, formatted as everything here is.
 *
 * @returns {Promise<{ path: string, text: string }[]>}
 */
export async function generate() {
  const registry = readRegistry()
  const page = 'docs/telemetry.md'
  return Promise.all(
    [
      { path: 'packages/client/src/telemetry/registry.ts', text: toTypeScript(registry) },
      { path: page, text: fillPage(readFileSync(join(root, page), 'utf8'), registry) },
    ].map(async ({ path, text }) => ({ path, text: await tidy(path, text) })),
  )
}

/**
 * @param {string} path
 * @param {string} text
 */
async function tidy(path, text) {
  const { code, errors } = await format(path, text, options)
  if (errors.length > 0) throw new Error(`What was made for ${path} cannot be read: ${errors[0]?.message}`)
  return code
}

const options = JSON.parse(readFileSync(join(root, '.oxfmtrc.json'), 'utf8'))
