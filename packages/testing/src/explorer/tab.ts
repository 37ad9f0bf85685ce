import { createRecorderHook, type Page, type PageSignal, type Realm } from '@authflight/client/realm'
import { currentCall } from './call.ts'
import type { World } from './world.ts'
import type { Timers } from './time.ts'

/** One tab of the browser: a realm whose surroundings belong to the world. A tab that is killed never runs again. */
export interface Tab {
  /** `A`, `B`; after a reload `A2`: another realm in the same place. */
  readonly name: string
  readonly realm: Realm
  readonly timers: Timers
  isAlive: boolean
  isFrozen: boolean
  isHidden: boolean
  isOffline: boolean
  /** Access tokens that a server has refused, by their ids. */
  readonly refused: Set<string>
  readonly watchers: Set<(signal: PageSignal) => void>
  /** Tells the page's listeners. */
  signal(signal: PageSignal): void
}

/** The wall clock when the world begins, epoch milliseconds. */
export const beginning = Date.UTC(2026, 0, 1)

export function openTab(world: World, name: string, href: string): Tab {
  const { time, chance, secrets } = world
  const watchers = new Set<(signal: PageSignal) => void>()
  const self = {}
  const timers = time.timersFor(self, () => !tab.isAlive || tab.isFrozen)
  let address: string | null = href
  const page: Page = {
    get href() {
      return address
    },
    get base() {
      return address
    },
    get isHidden() {
      return tab.isHidden
    },
    get isOffline() {
      return tab.isOffline
    },
    watch(heard) {
      watchers.add(heard)
      return () => void watchers.delete(heard)
    },
    leave() {},
    replaceAddress(next) {
      address = next
    },
  }
  const tab: Tab = {
    name,
    timers,
    isAlive: true,
    isFrozen: false,
    isHidden: false,
    isOffline: false,
    refused: new Set(),
    watchers,
    signal(signal) {
      for (const heard of watchers) heard(signal)
    },
    realm: {
      clock: {
        now: () => world.serverNow() + world.skew,
        monotonic: () => time.now,
        precise: () => beginning + time.now,
        after: timers.set,
      },
      random: chance.random,
      secret: () => secrets.keep('session id', chance.secret()),
      digest: (text) => digestLater(world, tab, text),
      fetch: (input, init) => world.network.fetch(tab, input, init),
      openChannel: (channel) => world.channels.open(tab, channel),
      get locks() {
        return world.setting.locks ? world.locks.of(tab) : undefined
      },
      page,
      recorderHook: () => hook,
      reportError: (error) => world.reported(tab, error),
    },
  }
  const hook = createRecorderHook()
  hook.subscribe((source) => void source.subscribe((record) => world.record(tab, record)))
  return tab
}

function digestLater({ choices, secrets }: World, tab: Tab, text: string): Promise<string> {
  return new Promise((resolve) =>
    choices.add({
      kind: 'digest',
      tab: tab.name,
      lane: null,
      isHeld: () => tab.isFrozen,
      describe: () => 'digest',
      faults: [],
      take: () => resolve(secrets.keep('digest', digest(text))),
      call: currentCall(),
    }),
  )
}

/** With this begins every digest, so that one that got out of the store is found, shortened as well: it stands in no id. */
export const digestMark = '~d~'

/** As long as one of SHA-256, depending on every character. No cryptography: nobody here looks for a second text. */
function digest(text: string): string {
  let [a, b] = [0x9e3779b9, 0x85ebca6b]
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    a = Math.imul(a ^ code, 0x01000193)
    b = Math.imul(b ^ (code + a), 0xc2b2ae35)
  }
  const [one, two] = [a, b ^ (b >>> 15)].map((word) => (word >>> 0).toString(16).padStart(8, '0'))
  return digestMark + `${one}${two}`.repeat(4).slice(0, 61)
}
