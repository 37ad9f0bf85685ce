import { describe, expect, test } from 'vitest'
import { findWrongArrows } from '../lib/arrows.mjs'
import { listImports } from '../lib/imports.mjs'

describe('between packages', () => {
  test.each(['react', 'devtools', 'server', 'testing'])('%s may import types of the client', (home) => {
    expect(complaints(`packages/${home}/src/index.ts`, `import type { Session } from '@authflight/client'`)).toEqual([])
  })

  test('the client may import no other package, late or for its types neither', () => {
    const path = 'packages/client/src/client.ts'
    expect(complaints(path, `import { useAuth } from '@authflight/react'`)).toHaveLength(1)
    expect(complaints(path, `import type { Server } from '@authflight/testing'`)).toHaveLength(1)
    expect(complaints(path, `export * from '@authflight/devtools'`)).toHaveLength(1)
    expect(complaints(path, `await import('@authflight/devtools/react')`)).toHaveLength(1)
  })

  test('a binding may not import another binding', () => {
    expect(complaints('packages/react/src/index.ts', `import '@authflight/devtools'`)).toEqual([
      'packages/react/src/index.ts may not import @authflight/devtools',
    ])
  })

  test('the devtools may import types and the meeting point of recorders, and nothing that makes a client', () => {
    const path = 'packages/devtools/src/live.ts'
    expect(complaints(path, `import { recorderHook, type AuthRecord } from '@authflight/client'`)).toEqual([])
    expect(complaints(path, `import { createAuthClient } from '@authflight/client'`)).toHaveLength(1)
    expect(complaints(path, `import * as client from '@authflight/client'`)).toHaveLength(1)
    expect(complaints(path, `export { oauth } from '@authflight/client/oauth'`)).toHaveLength(1)
    expect(complaints(path, `export type { Session } from '@authflight/client'`)).toEqual([])
  })

  test('no package reaches into the folder of another', () => {
    expect(complaints('packages/react/src/index.ts', `import '../../client/src/session.ts'`)).toEqual([
      'packages/react/src/index.ts reaches out of its package: ../../client/src/session.ts',
    ])
  })
})

describe('inside the client', () => {
  test('a file may import downwards and beside it', () => {
    expect(complaints('packages/client/src/refresh.ts', `import { slot } from './slot.ts'`)).toEqual([])
    expect(complaints('packages/client/src/storage/indexed-db.ts', `import { now } from '../clock.ts'`)).toEqual([])
    expect(complaints('packages/client/src/slot.ts', `import { claim } from './claim.ts'`)).toEqual([])
  })

  test('a file may not import upwards, not even a type', () => {
    expect(complaints('packages/client/src/commit-guard.ts', `import type { Slot } from './slot.ts'`)).toEqual([
      'packages/client/src/commit-guard.ts imports upwards: ./slot.ts',
    ])
    expect(
      complaints('packages/client/src/providers/oauth.ts', `import { refresh } from '../refresh.ts'`),
    ).toHaveLength(1)
  })

  test('what a provider is may be known below the floor of the providers', () => {
    const path = 'packages/client/src/answers.ts'
    expect(complaints(path, `import type { Answer } from './providers/provider.ts'`)).toEqual([])
    expect(complaints(path, `import { oauth } from './providers/oauth.ts'`)).toHaveLength(1)
  })

  test('a file that stands on no floor is named', () => {
    expect(complaints('packages/client/src/helpers.ts', '')).toEqual([
      'packages/client/src/helpers.ts stands on no floor: give it one in scripts/lib/arrows.mjs',
    ])
  })
})

function complaints(path: string, text: string): string[] {
  return findWrongArrows([{ path, imports: listImports(path, text) }])
}
