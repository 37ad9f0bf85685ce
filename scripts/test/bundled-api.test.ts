import { expect, test } from 'vitest'
import { findBundledApi } from '../lib/bundled-api.mjs'

const api = "const key = Symbol.for('opentelemetry.js.api.1')"
const importing = 'import { trace } from "@opentelemetry/api"'

test('a package that holds a copy of the API is named, also one that imports it as well', () => {
  const packages = [
    { name: 'good', code: importing },
    { name: 'bad', code: api },
    { name: 'both', code: importing + api },
  ]
  expect(findBundledApi(api, packages)).toEqual([
    'bad holds a copy of @opentelemetry/api.',
    'both holds a copy of @opentelemetry/api.',
  ])
})

test('an API that is not known by its mark any more is said to be so', () => {
  expect(findBundledApi('renamed', [{ name: 'good', code: importing }])).toEqual([
    expect.stringContaining('another mark'),
  ])
})
