import { fileURLToPath } from 'node:url'
import type * as Client from '@authflight/client'
import type * as OAuth from '@authflight/client/oauth'
import type * as Dpop from '@authflight/client/oauth/dpop'
import { rolldown } from 'rolldown'

/** A copy of the client with flights and a ring of its own, as a second tab has. */
export type Realm = Pick<typeof Client, 'createAuthClient' | 'memoryStore'> &
  Pick<typeof OAuth, 'oauth'> &
  Pick<typeof Dpop, 'dpop'>

const modules = ['@authflight/client', '@authflight/client/oauth', '@authflight/client/oauth/dpop']
let code: Promise<string> | undefined
let copies = 0

/** Loads the client once more. The copies meet where tabs meet: in a store, by notices, and at the recorder hook. */
export async function loadRealm(): Promise<Realm> {
  const text = `${await (code ??= bundle())}\n// copy ${++copies}`
  return (await import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`)) as Realm
}

async function bundle(): Promise<string> {
  const input = fileURLToPath(new URL('realm-entry.js', import.meta.url))
  const made = await rolldown({
    input,
    platform: 'node',
    resolve: { conditionNames: ['@authflight/source', 'import', 'default'] },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === input ? id : null),
        load: (id) => (id === input ? modules.map((name) => `export * from '${name}'`).join('\n') : null),
      },
    ],
  })
  try {
    const { output } = await made.generate({ format: 'esm', codeSplitting: false })
    return output[0].code
  } finally {
    await made.close()
  }
}
