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
    expect(complaints('packages/react/src/index.ts', `import '../../client/src/index.ts'`)).toEqual([
      'packages/react/src/index.ts reaches out of its package: ../../client/src/index.ts',
    ])
  })
})

describe('inside the client', () => {
  test('a room may import from itself, from the floors below and from beside it', () => {
    expect(complaints('packages/client/src/client.ts', `import { core } from './accounts/mirror.ts'`)).toEqual([])
    expect(complaints('packages/client/src/refresh/refresh.ts', `import { slot } from '../slot/slot.ts'`)).toEqual([])
    expect(complaints('packages/client/src/slot/slot.ts', `import { guard } from './commit-guard.ts'`)).toEqual([])
    expect(complaints('packages/client/src/realm/tabs.ts', `import { tell } from '../telemetry/notices.ts'`)).toEqual(
      [],
    )
  })

  test('a room may not import upwards, not even a type', () => {
    expect(complaints('packages/client/src/slot/slot.ts', `import type { Claim } from '../claim/claim.ts'`)).toEqual([
      'packages/client/src/slot/slot.ts imports upwards: ../claim/claim.ts',
    ])
    expect(complaints('packages/client/src/base/errors.ts', `import { client } from '../client.ts'`)).toHaveLength(1)
  })

  test('a room that stands on no floor is named', () => {
    expect(complaints('packages/client/src/helpers/some.ts', '')).toEqual([
      'packages/client/src/helpers/some.ts is in a room that stands on no floor: give it one in scripts/lib/arrows.mjs',
    ])
  })
})

function complaints(path: string, text: string): string[] {
  return findWrongArrows([{ path, imports: listImports(path, text) }])
}
