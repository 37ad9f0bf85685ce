/** What `AsyncLocalStorage` does, of which no more is needed. */
interface Storage {
  getStore(): unknown
  run<R>(store: unknown, body: () => R): R
}

/** A token that is held, as seen from the code that runs inside. It may outlive the hold. */
interface Hold {
  readonly token: string
  readonly outer: Hold | null
  isOver: boolean
}

/** Knows whether the running code stands inside a hold of a token: then waiting for that token would be waiting for itself. */
export interface Nesting {
  isInside(token: string): boolean
  /** Runs `body` inside a hold, which lasts until what it returns has settled. */
  run<T>(token: string, body: () => Promise<T>): Promise<T>
}

/** `storage` null, where the runtime has none: nobody stands inside anything, and a wait for oneself ends by its deadline. */
export function createNesting(storage: Storage | null = findStorage()): Nesting {
  const current = (): Hold | null => (storage?.getStore() as Hold | undefined) ?? null
  return {
    isInside(token) {
      for (let hold = current(); hold; hold = hold.outer) if (hold.token === token && !hold.isOver) return true
      return false
    },
    async run(token, body) {
      const hold: Hold = { token, outer: current(), isOver: false }
      try {
        return await (storage ? storage.run(hold, body) : body())
      } finally {
        hold.isOver = true
      }
    },
  }
}

type StorageClass = new () => Storage

/** Node, Bun, Deno and Cloudflare Workers have it as a built-in module; the edge runtimes of Next.js as a global name. */
function findStorage(): Storage | null {
  const realm = globalThis as {
    readonly process?: {
      readonly getBuiltinModule?: (name: string) => { AsyncLocalStorage?: StorageClass } | undefined
    }
    readonly AsyncLocalStorage?: StorageClass
  }
  const Found = realm.process?.getBuiltinModule?.('node:async_hooks')?.AsyncLocalStorage ?? realm.AsyncLocalStorage
  return Found ? new Found() : null
}
