import type { Choices } from './choices.ts'
import type { Fact } from './history.ts'
import type { Secrets } from './secrets.ts'
import type { Tab } from './tab.ts'

type Channel = Pick<BroadcastChannel, 'onmessage' | 'postMessage' | 'close'>

/** All broadcast channels of the origin. A message reaches every other channel of its name, in the order of its sender, late or never. */
export interface Channels {
  open(tab: Tab, name: string): Channel
  /** What was posted is lost from now on, or not any more. */
  lose(isLost: boolean): void
  /** How many are open in a tab. */
  openIn(tab: Tab): number
  closeAll(tab: Tab): void
  /** A message that no client of the origin has sent. */
  forge(data: unknown): void
}

export function createChannels(
  choices: Choices,
  tell: (fact: Fact) => void,
  { isLeak }: Secrets,
  exist: boolean,
): Channels {
  const open = new Map<Channel, { readonly tab: Tab; readonly name: string }>()
  /** By receiver, one lane for each sender. */
  const lanes = new WeakMap<Channel, Map<object, object>>()
  let losing = false

  function laneOf(from: object, to: Channel): object {
    const known = lanes.get(to) ?? new Map<object, object>()
    lanes.set(to, known)
    const lane = known.get(from) ?? {}
    known.set(from, lane)
    return lane
  }

  function send(from: object, name: string, data: unknown): void {
    for (const [to, there] of open) {
      if (to === from || there.name !== name || losing) continue
      choices.add({
        kind: 'message',
        tab: there.tab.name,
        lane: laneOf(from, to),
        isHeld: () => there.tab.isFrozen,
        describe: () => `hears ${(data as { kind?: string } | null)?.kind ?? 'nonsense'}`,
        faults: ['lost'],
        take(fault) {
          if (fault === null && open.has(to)) to.onmessage?.call(to as BroadcastChannel, { data } as MessageEvent)
        },
        call: null,
      })
    }
  }

  return {
    open(tab, name) {
      if (!exist) throw new DOMException('There are no channels here.', 'NotSupportedError')
      const channel: Channel = {
        onmessage: null,
        postMessage(data) {
          if (!open.has(channel)) throw new DOMException('The channel is closed.', 'InvalidStateError')
          tell({
            kind: 'posted',
            tab: tab.name,
            message: (data as { kind: string }).kind,
            leaked: isLeak([name, data]),
          })
          send(channel, name, data)
        },
        close: () => void open.delete(channel),
      }
      open.set(channel, { tab, name })
      return channel
    },
    lose: (isLost) => void (losing = isLost),
    openIn: (tab) => [...open.values()].filter((there) => there.tab === tab).length,
    closeAll(tab) {
      for (const [channel, there] of open) if (there.tab === tab) open.delete(channel)
    },
    forge: (data) => send({}, 'authflight:default', data),
  }
}
