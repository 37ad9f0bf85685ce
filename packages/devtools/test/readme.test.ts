import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

test('the README shows how the panel comes into an app without React, which runs here, word for word', async () => {
  expect(await read('../README.md')).toContain(`\`\`\`ts\n${await read('./examples/without-react.ts')}\`\`\``)
})
