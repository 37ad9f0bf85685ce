import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import * as testing from '../src/index.ts'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')
const readme = await read('../README.md')

test.each(['./readme-example.test.ts', './gotrue/readme-example.test.ts'])(
  'the README shows %s word for word',
  async (example) => {
    expect(readme).toContain(`\`\`\`ts\n${await read(example)}\`\`\``)
  },
)

test('the README names every fault', () => {
  const faults = Object.keys(testing).filter((name) => !/^create\w+Server$/.test(name))
  expect(faults.filter((name) => !readme.includes(`\`${name}(`))).toEqual([])
})
