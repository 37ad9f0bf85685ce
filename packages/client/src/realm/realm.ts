import type { Clock } from './clock.ts'
import type { Page } from './page.ts'
import type { RecorderHook } from '../telemetry/hook.ts'

/**
 * Where clients run: a tab, a worker or a process, and all that they take from it. Clients of one realm share flights, claims and
 * the ring; nothing else of the surroundings is touched but the store, so who owns a realm owns everything that can happen to them.
 */
export interface Realm {
  readonly clock: Clock
  /** At least 0, below 1. For jitter and display ids, never for what must not be guessed. */
  readonly random: () => number
  /** 128 bits that cannot be guessed, as 32 hex digits. */
  readonly secret: () => string
  /** SHA-256 of a text (UTF-8), as 64 hex digits. */
  readonly digest: (text: string) => Promise<string>
  readonly fetch: typeof fetch
  /** May throw where there are no broadcasts. */
  readonly openChannel: (name: string) => Pick<BroadcastChannel, 'onmessage' | 'postMessage' | 'close'>
  /** Undefined where the runtime has no Web Locks. */
  readonly locks: Pick<LockManager, 'request'> | undefined
  readonly page: Page
  /** Where its rings and their readers meet. */
  readonly recorderHook: () => RecorderHook
  /** Told what code of the app has thrown. */
  readonly reportError: (error: unknown) => void
}
