import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import * as testing from '../src/index.ts'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')
const readme = await read('../README.md')

test('the example in the README is the test next door, word for word', async () => {
  expect(readme).toContain(`\`\`\`ts\n${await read('./readme-example.test.ts')}\`\`\``)
})

test('the README names every fault', () => {
  const faults = Object.keys(testing).filter((name) => !/^create\w+Server$/.test(name))
  expect(faults.filter((name) => !readme.includes(`\`${name}(`))).toEqual([])
})
