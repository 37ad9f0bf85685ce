/** What the platform does to the page that all tabs of a stand are, and to its clocks. */
export interface Platform {
  goOffline(): void
  /** The page is frozen, so many milliseconds pass, and it goes on. */
  sleep(ms: number): void
  /** Somebody sets the wall clock ahead by so many milliseconds, or back where they are negative. */
  moveClock(ms: number): void
}

const names = ['window', 'document', 'navigator'] as const

/** Makes this realm a page, until `restore`. Clients that are made from then on follow it. */
export function installPlatform(): Platform & { restore(): void } {
  const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const)
  const { now: wall } = Date
  const { now: monotonic } = performance
  const [window, document] = [new EventTarget(), Object.assign(new EventTarget(), { visibilityState: 'visible' })]
  const navigator = { onLine: true }
  for (const [name, value] of Object.entries({ window, document, navigator }))
    Object.defineProperty(globalThis, name, { value, configurable: true })
  let moved = 0
  let slept = 0
  Date.now = () => wall() + moved + slept
  performance.now = () => monotonic.call(performance) + slept
  return {
    goOffline() {
      navigator.onLine = false
      window.dispatchEvent(new Event('offline'))
    },
    sleep(ms) {
      document.dispatchEvent(new Event('freeze'))
      slept += ms
      document.dispatchEvent(new Event('resume'))
    },
    moveClock(ms) {
      moved += ms
    },
    restore() {
      Date.now = wall
      performance.now = monotonic
      for (const [name, descriptor] of before) {
        if (descriptor) Object.defineProperty(globalThis, name, descriptor)
        else delete (globalThis as Record<string, unknown>)[name]
      }
    },
  }
}
