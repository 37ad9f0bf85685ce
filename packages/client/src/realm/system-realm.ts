import { systemClock } from './clock.ts'
import { systemPage } from './page.ts'
import type { Realm } from './realm.ts'
import { recorderHook } from '../telemetry/hook.ts'

/** Two lower-case digits a byte. */
const toHex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** The realm that this code runs in. Everything is looked up late, so that it can be replaced, and missing until it is asked for. */
export const systemRealm: Realm = {
  clock: systemClock,
  random: () => Math.random(),
  secret: () => toHex(crypto.getRandomValues(new Uint8Array(16))),
  digest: async (text) => toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))),
  fetch: (input, init) => globalThis.fetch(input, init),
  openChannel: (name) => new BroadcastChannel(name),
  get locks() {
    return globalThis.navigator?.locks
  },
  page: systemPage,
  recorderHook,
  reportError(error) {
    if (typeof globalThis.reportError === 'function') globalThis.reportError(error)
    else console.error(error)
  },
}
