import { describe, expect, test } from 'vitest'
import { satisfiesLock } from '../lib/node-packages.mjs'

const lock = {
  packages: {
    '': {},
    'packages/client': { version: '0.0.0' },
    'node_modules/@authflight/client': { link: true },
    'node_modules/vite': { version: '8.3.8', integrity: 'sha512-a' },
    'node_modules/lightning-darwin': { version: '1.0.0', integrity: 'sha512-b', optional: true },
  },
}

describe('satisfiesLock', () => {
  test('accepts an install of everything but an optional package of another operating system', () => {
    expect(satisfiesLock(lock, installed({}))).toBe(true)
  })

  test('refuses an install that lacks a package', () => {
    const { 'node_modules/vite': _, ...packages } = installed({}).packages
    expect(satisfiesLock(lock, { packages })).toBe(false)
  })

  test('refuses another version of a package', () => {
    expect(satisfiesLock(lock, installed({ version: '8.3.7', integrity: 'sha512-a' }))).toBe(false)
  })

  test('refuses other contents under the same version', () => {
    expect(satisfiesLock(lock, installed({ version: '8.3.8', integrity: 'sha512-c' }))).toBe(false)
  })

  test('refuses an install that lacks the link to a workspace', () => {
    const { 'node_modules/@authflight/client': _, ...packages } = installed({}).packages
    expect(satisfiesLock(lock, { packages })).toBe(false)
  })
})

function installed(vite: { version?: string; integrity?: string }) {
  return {
    packages: {
      'node_modules/@authflight/client': { link: true },
      'node_modules/vite': { version: '8.3.8', integrity: 'sha512-a', ...vite },
    },
  }
}
