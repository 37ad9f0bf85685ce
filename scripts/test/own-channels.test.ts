import { BroadcastChannel as Shared } from 'node:worker_threads'
import { expect, onTestFinished, test, vi } from 'vitest'

/** What is heard on a channel, newest last. */
function hear(channel: Pick<BroadcastChannel, 'addEventListener' | 'close'>): unknown[] {
  const heard: unknown[] = []
  channel.addEventListener('message', ({ data }) => heard.push(data))
  onTestFinished(() => channel.close())
  return heard
}

test('a channel has the name it was given, and reaches those of its file and no thread beside it', async () => {
  const mine = new BroadcastChannel('authflight:default')
  const here = hear(new BroadcastChannel('authflight:default'))
  const [channel, witness] = [new Shared('authflight:default'), new Shared('witness')]
  const elsewhere = hear(channel as unknown as BroadcastChannel)
  const heardLast = hear(witness as unknown as BroadcastChannel)
  onTestFinished(() => mine.close())

  expect(mine.name).toBe('authflight:default')
  mine.postMessage('mine')
  const speaker = new Shared('witness')
  onTestFinished(() => speaker.close())
  speaker.postMessage('last')
  await vi.waitFor(() => expect([here, heardLast]).toEqual([['mine'], ['last']]))
  expect(elsewhere).toEqual([])
})
