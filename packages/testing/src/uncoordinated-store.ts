import { memoryStore, type Store } from '@authflight/client'

/**
 * Switches coordination off for one tab, to show what it is for: a store that begins with what `shared` holds and from then on shares nothing. It is what a
 * duplicated tab of an app without a shared store has: the same refresh token, and nobody to agree with on who presents it. Never for an app.
 */
export function uncoordinatedStore(shared: Store): Store {
  const own = memoryStore()
  let copying: Promise<void> | undefined

  async function copy(): Promise<void> {
    const all = await shared.transact({ keys: [], prefixes: [''] }, (view) => view.list(''))
    await own.transact({ keys: [], prefixes: [''] }, (view) => {
      for (const [key, value] of all) view.put(key, structuredClone(value) as object)
    })
  }

  return {
    ...own,
    async transact(scope, change) {
      await (copying ??= copy())
      return own.transact(scope, change)
    },
  }
}
