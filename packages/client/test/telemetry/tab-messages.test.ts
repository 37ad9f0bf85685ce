import { expect, onTestFinished, test, vi } from 'vitest'
import { type AuthRecord, memoryStore, recorderHook } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { recordAll, startSdk } from '../support/observe.ts'
import { openTwoTabs } from '../support/tabs.ts'

/** The next notices that somebody hears, once there are so many. */
const nextNotices = (count: number): Promise<readonly AuthRecord[]> =>
  new Promise((resolve) => {
    const seen: AuthRecord[] = []
    const note = (record: AuthRecord): void => {
      if (record.name !== 'authflight.tab_message' || record.endedAt === undefined) return
      if (seen.push(record) === count) resolve(seen)
    }
    onTestFinished(recorderHook().subscribe((source) => onTestFinished(source.subscribe(note))))
  })

function openChannel(): BroadcastChannel {
  const channel = new BroadcastChannel('authflight:default')
  onTestFinished(() => channel.close())
  return channel
}

test('a notice links to the flight that another tab has landed, and is its child in neither span nor record', async () => {
  const sdk = startSdk()
  const recorded = recordAll()
  const { server, signIn } = setUp()
  const [one] = await openTwoTabs(server, signIn)
  const heard = nextNotices(1)
  await one.refreshSession()
  await heard

  const [refresh] = sdk.spans('authflight.refresh')
  const [notice] = sdk.spans('authflight.tab_message').slice(-1)
  expect(notice).toMatchObject({ parentId: null, kind: 'internal', status: 'unset' })
  expect(notice?.links).toEqual([{ traceId: refresh?.traceId, id: refresh?.id }])
  expect(notice?.traceId).not.toBe(refresh?.traceId)
  expect(recorded.operations('authflight.tab_message').at(-1)).toEqual(notice)
})

test('a notice says by a traceparent which flight it comes from, and nothing else of it', async () => {
  const recorded = recordAll()
  const { createClient, signIn } = setUp()
  const auth = createClient()
  await signIn(auth)
  const channel = openChannel()
  const said = new Promise((resolve) => (channel.onmessage = ({ data }: MessageEvent) => resolve(data)))
  await auth.refreshSession()

  const [refresh] = recorded.operations('authflight.refresh')
  expect(await said).toEqual({ v: 1, kind: 'changed', traceparent: `00-${refresh?.traceId}-${refresh?.id}-01` })
})

test('what no flight has changed links to none', async () => {
  const { createClient, signIn } = setUp()
  const storage = memoryStore()
  const [one] = [createClient({ storage }), createClient({ storage })]
  const heard = nextNotices(1)
  await signIn(one)
  expect((await heard).flatMap(({ links }) => links)).toEqual([])
})

test('what is no traceparent is linked to nothing, and of many notices at once the first has the store read', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { createClient } = setUp()
  const auth = createClient()
  await auth.getSession()
  const [traceId, id] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
  const good = `00-${traceId}-${id}-00`
  const bad = [
    undefined,
    null,
    1,
    {},
    '',
    traceId,
    `01-${traceId}-${id}-01`,
    `00-${traceId.toUpperCase()}-${id}-01`,
    `00-${'0'.repeat(32)}-${id}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId}-${id}`,
    `${good}-more`,
    ` ${good}`,
    `${good}\n`,
  ]
  const heard = nextNotices(bad.length + 1)
  const channel = openChannel()
  for (const traceparent of [...bad, good]) channel.postMessage({ v: 1, kind: 'changed', traceparent })

  const notices = await heard
  expect(notices.slice(0, -1).flatMap(({ links }) => links)).toEqual([])
  expect(notices.at(-1)?.links).toEqual([{ traceId, id }])
  const outcomes = notices.map(({ attributes }) => attributes['authflight.message.outcome'])
  expect(outcomes).toEqual(['read', ...Array.from(bad, () => 'queued')])
})
