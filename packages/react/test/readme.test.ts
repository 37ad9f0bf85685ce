import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

test('the README shows the app that runs here, word for word', async () => {
  expect(await read('../README.md')).toContain(`\`\`\`tsx\n${await read('./readme-example.tsx')}\`\`\``)
})
