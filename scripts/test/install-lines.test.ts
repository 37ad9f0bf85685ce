import { expect, test } from 'vitest'
import { readInstallLine } from '../lib/install-lines.mjs'

const page = '# Page\n\n```sh\nnpm install --save-dev @authflight/testing msw\n```\n'

test('readInstallLine gives the words of the line, options among them', () => {
  expect(readInstallLine('@authflight/testing', page)).toEqual(['--save-dev', '@authflight/testing', 'msw'])
})

test.each(['@authflight/client', '@authflight/test'])('a README without a line for %s is complained of', (name) => {
  expect(() => readInstallLine(name, page)).toThrow(`\`npm install … ${name} …\``)
})
