import type { BrowserContext, Page } from 'playwright-core'

export interface LiveThings {
  /** Timeouts of half a minute or more, as a session that lasts an hour has, and intervals of a minute or more: none of the tools’. */
  readonly timers: number
  readonly channels: number
  /** Listeners to the page's life. Only those are seen to go that go by an abort signal, as the client's do. */
  readonly listeners: number
}

/** From now on the pages of this context count what is alive in them. */
export async function countLiveThings(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const timers = new Set<unknown>()
    const channels = new Set<unknown>()
    let listeners = 0
    for (const [set, clear, least] of [
      ['setTimeout', 'clearTimeout', 30_000],
      ['setInterval', 'clearInterval', 60_000],
    ] as const) {
      const native = { set: globalThis[set].bind(globalThis), clear: globalThis[clear].bind(globalThis) }
      const start = (handler: (...given: unknown[]) => void, delay = 0, ...given: unknown[]): unknown => {
        const id: unknown = native.set(
          (...values: unknown[]) => {
            if (set === 'setTimeout') timers.delete(id)
            handler(...values)
          },
          delay,
          ...given,
        )
        if (delay >= least) timers.add(id)
        return id
      }
      const stop = (id: Parameters<typeof native.clear>[0]): void => {
        timers.delete(id)
        native.clear(id)
      }
      Object.assign(globalThis, { [set]: start, [clear]: stop })
    }
    globalThis.BroadcastChannel = class extends BroadcastChannel {
      constructor(name: string) {
        super(name)
        channels.add(this)
      }
      override close(): void {
        channels.delete(this)
        super.close()
      }
    }
    const ofLife = new Set(['visibilitychange', 'pageshow', 'pagehide', 'online', 'focus', 'resume'])
    for (const target of [document, globalThis] as const) {
      const add = target.addEventListener.bind(target)
      target.addEventListener = (type: string, listener: EventListener, options?: AddEventListenerOptions) => {
        if (ofLife.has(type)) {
          listeners += 1
          options?.signal?.addEventListener('abort', () => (listeners -= 1))
        }
        add(type, listener, options)
      }
    }
    Object.assign(globalThis, {
      countLive: () => ({ timers: timers.size, channels: channels.size, listeners }),
    })
  })
}

export const readLiveThings = (page: Page): Promise<LiveThings> =>
  page.evaluate(() => (globalThis as unknown as { countLive(): LiveThings }).countLive())
