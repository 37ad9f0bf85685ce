import { expect, test } from 'vitest'
import { readInstallLines } from '../lib/install-lines.mjs'

const page = '# Page\n\n```sh\nnpm install --save-dev @authflight/testing msw\n```\n'

test('readInstallLines gives the words of each line, options among them', () => {
  expect(readInstallLines('@authflight/testing', `${page}\n## More\n\n\`\`\`sh\nnpm install more@1\n\`\`\`\n`)).toEqual(
    [['--save-dev', '@authflight/testing', 'msw'], ['more@1']],
  )
})

test.each(['@authflight/client', '@authflight/test'])('a README without a line for %s is complained of', (name) => {
  expect(() => readInstallLines(name, page)).toThrow(`\`npm install … ${name} …\``)
})
