import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')

test.each(['./examples/app.tsx', './examples/routes.tsx', './examples/accounts.tsx'])(
  'the README shows %s, which runs here, word for word',
  async (example) => {
    expect(await read('../README.md')).toContain(`\`\`\`tsx\n${await read(example)}\`\`\``)
  },
)
