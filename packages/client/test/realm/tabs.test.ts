import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { systemRealm } from '../../src/realm/system-realm.ts'
import { type Listeners, openTabs } from '../../src/realm/tabs.ts'
import { setUp } from '../support/app.ts'

const unconcerned: Listeners = { heard: () => {}, presents: () => false, onIdle: (idle: () => void) => idle() }

function open(name: string, listeners = unconcerned) {
  const tabs = openTabs(systemRealm, name, listeners)
  onTestFinished(() => tabs.close())
  return tabs
}

function speakAs(name: string): BroadcastChannel {
  const channel = new BroadcastChannel(`authflight:${name}`)
  onTestFinished(() => channel.close())
  return channel
}

test('a notice is heard by the others of the same name, and wakes those of this tab who wait', async () => {
  const heard = vi.fn()
  const other = vi.fn()
  open('a', { ...unconcerned, heard })
  open('b', { ...unconcerned, heard: other })
  const speaker = open('a')
  const next = speaker.next()
  speaker.announce()
  await next
  await expect.poll(() => heard.mock.calls.length).toBe(1)
  expect(other).not.toHaveBeenCalled()
})

test('who presents answers for its claim, and for no other', async () => {
  open('a', { ...unconcerned, presents: (claim) => claim === 'mine' })
  const asking = open('a')
  asking.ask('another')
  asking.ask('mine')
  await expect.poll(() => asking.hasAnswered('mine')).toBe(true)
  expect(asking.hasAnswered('another')).toBe(false)
  asking.forget('mine')
  expect(asking.hasAnswered('mine')).toBe(false)
})

test('what is no message of ours is not heard, and answers that nobody asked for fill no memory', async () => {
  const heard = vi.fn()
  const tabs = open('a', { ...unconcerned, heard })
  const forger = speakAs('a')
  for (const message of [null, 1, 'changed', {}, { v: 2, kind: 'changed' }, { v: 1, kind: 'pong' }]) {
    forger.postMessage(message)
  }
  forger.postMessage({ v: 1, kind: 'pong', claim: 'x'.repeat(65) })
  for (let n = 0; n < 200; n += 1) forger.postMessage({ v: 1, kind: 'pong', claim: `${n}` })
  forger.postMessage({ v: 1, kind: 'changed' })
  await expect.poll(() => heard.mock.calls.length).toBe(1)
  const kept = Array.from({ length: 200 }, (_, n) => tabs.hasAnswered(`${n}`)).filter(Boolean)
  expect(kept).toEqual([])
  expect(tabs.hasAnswered('x'.repeat(65))).toBe(false)
})

test('whoever presents sends back ids, and no text of any length', async () => {
  open('a', { ...unconcerned, presents: () => true })
  const asking = speakAs('a')
  const answered: unknown[] = []
  asking.onmessage = ({ data }: MessageEvent<{ claim: string }>) => void answered.push(data.claim.length)
  for (const length of [65, 64]) asking.postMessage({ v: 1, kind: 'ping', claim: 'x'.repeat(length) })
  await expect.poll(() => answered).toContain(64)
  expect(answered).toEqual([64])
})

describe('a tab that is closed', () => {
  /** One whose realm presents until it is `idle`, and the channels that it has open. */
  function close(listeners: Partial<Listeners> = {}) {
    const channels = new Set<Pick<BroadcastChannel, 'onmessage' | 'postMessage' | 'close'>>()
    const said: unknown[] = []
    let idle = (): void => {}
    const openChannel = () => {
      const channel = {
        onmessage: null,
        postMessage: (message: unknown) => void said.push(message),
        close: () => void channels.delete(channel),
      }
      channels.add(channel)
      return channel
    }
    const onIdle = (then: () => void): void => void (idle = then)
    const tabs = openTabs({ openChannel }, 'a', { ...unconcerned, onIdle, ...listeners })
    tabs.close()
    const hear = (data: object): void => {
      for (const channel of channels)
        channel.onmessage?.call(channel as BroadcastChannel, new MessageEvent('', { data }))
    }
    return { tabs, channels, said, hear, idle: () => idle() }
  }

  test('answers for what its realm still presents, and hears no notice', () => {
    const heard = vi.fn()
    const { hear, said } = close({ heard, presents: () => true })
    hear({ v: 1, kind: 'changed' })
    hear({ v: 1, kind: 'ping', claim: 'mine' })
    expect(heard).not.toHaveBeenCalled()
    expect(said).toEqual([{ v: 1, kind: 'pong', claim: 'mine' }])
  })

  test('says what lands later, and keeps no channel, nor opens one to listen', () => {
    const { tabs, channels, said, idle } = close()
    idle()
    tabs.announce()
    tabs.resume()
    expect(said).toMatchObject([{ kind: 'changed' }])
    expect(channels.size).toBe(0)
  })
})

test('a page that may not open a channel has a client all the same', async () => {
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      constructor() {
        throw new DOMException('The operation is insecure.', 'SecurityError')
      }
    },
  )
  onTestFinished(() => void vi.unstubAllGlobals())
  const { createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  expect((await auth.refreshSession()).data.session?.revision).toBe(2)
})

test('a notice that cannot be sent undoes nothing of what was stored', async () => {
  const { createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const post = vi.spyOn(BroadcastChannel.prototype, 'postMessage').mockImplementation(() => {
    throw new DOMException('The channel is closed.', 'InvalidStateError')
  })
  onTestFinished(() => post.mockRestore())

  expect(await auth.refreshSession()).toMatchObject({ data: { session: { revision: 2 } }, error: null })
  expect(await auth.signOut()).toEqual({ data: { url: null }, error: null })
  expect(post).toHaveBeenCalled()
})
