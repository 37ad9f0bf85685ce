import { expect, test } from 'vitest'
import { requireNode } from '../lib/node-version.mjs'

test('requireNode names the version it needs, the one it found, and what to do', () => {
  expect(() => requireNode(20, 'Get a newer one.', '18.19.1')).toThrow(
    'This needs Node 20 or later, and here is Node 18.19.1. Get a newer one.',
  )
})

test('requireNode compares numbers, and is content with the very version', () => {
  expect(() => requireNode(20, '', '9.0.0')).toThrow('Node 9.0.0')
  expect(() => requireNode(20, '', '20.0.0')).not.toThrow()
  expect(() => requireNode(20, '', '100.1.0')).not.toThrow()
})
