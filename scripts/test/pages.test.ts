import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../lib/root.mjs'

const pages = globSync(['*.md', 'docs/**/*.md', 'decisions/*.md', 'packages/*/*.md', 'apps/*/*.md'], {
  cwd: root,
}).sort()

test.each(pages)('every link of %s to a file of this repository leads to one', (page) => {
  expect(linksOf(page).filter((link) => !existsSync(join(root, link)))).toEqual([])
})

test.each(['docs', 'decisions'])('%s/README.md leads to every page beside it', (folder) => {
  const beside = pages.filter((page) => dirname(page) === folder && page !== `${folder}/README.md`)
  expect(linksOf(`${folder}/README.md`)).toEqual(expect.arrayContaining(beside))
})

const packages = globSync('packages/*/package.json', { cwd: root }).sort().map(dirname)

// On a registry's page the links of a README are relative to the repository that package.json names.
test.each(packages)('%s says how to have it before it is released, and then where its repository is', (folder) => {
  const readme = readFileSync(join(root, folder, 'README.md'), 'utf8')
  const { version, repository, peerDependencies } = JSON.parse(
    readFileSync(join(root, folder, 'package.json'), 'utf8'),
  ) as { version: string; repository?: { directory: string }; peerDependencies: Record<string, string> }
  const all = [folder, ...('@authflight/client' in peerDependencies ? ['packages/client'] : [])]
  const pack = `\`npm pack ${all.map((one) => `-w ${one}`).join(' ')}\``
  const isReleased = version !== '0.0.0'
  expect([readme.includes('Not released yet'), readme.includes(pack)]).toEqual([!isReleased, !isReleased])
  expect(isReleased ? repository?.directory : folder).toBe(folder)
})

/** Links to files, as paths from the root; those in blocks of code do not count. */
function linksOf(page: string): string[] {
  const prose = readFileSync(join(root, page), 'utf8').replaceAll(/^```[^]*?^```$/gm, '')
  return [...prose.matchAll(/\]\(([^)\s#]+)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => join(dirname(page), target))
}
