import { expect, test } from 'vitest'
import { listCodeBlocks } from '../lib/code-blocks.mjs'

test('listCodeBlocks finds TypeScript, says where it stands, and passes over other languages', () => {
  const page = [
    '# Page',
    '```sh',
    'npm start',
    '```',
    '```ts',
    'const a = 1',
    'const b = 2',
    '```',
    '',
    '```tsx',
    '<p />',
    '```',
  ].join('\n')
  expect(listCodeBlocks(page)).toEqual([
    { line: 6, extension: 'ts', code: 'const a = 1\nconst b = 2\n' },
    { line: 11, extension: 'tsx', code: '<p />\n' },
  ])
})

test('listCodeBlocks does not take a file listing that begins like TypeScript for it', () => {
  expect(listCodeBlocks('```tsconfig\n{}\n```\n```text\nts\n```\n')).toEqual([])
})
