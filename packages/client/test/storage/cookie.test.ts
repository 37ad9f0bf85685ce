import { describe, expect, test } from 'vitest'
import { cookieStore, type Store } from '../../src/index.ts'
import { setUp } from '../support/app.ts'
import { FakeDocument } from '../support/fake-storages.ts'

const put = (store: Store, key: string, record: object) =>
  store.transact({ keys: [key] }, (view) => view.put(key, record))
const get = (store: Store, key: string) => store.transact({ keys: [key] }, (view) => view.get(key))
const long = (letter: string, length = 9_000) => ({ text: letter.repeat(length) })

test('says that it excludes its own realm only, and that others may change it unheard', () => {
  expect(cookieStore()).toMatchObject({ type: 'cookie', atomic: 'realm', persistent: true, notifies: false })
})

test('is for this page, all of its host, until the browser is closed, unless told otherwise', async () => {
  const page = new FakeDocument()
  await put(cookieStore({ document: page }), 'a', { n: 1 })
  expect(page.written).toEqual([expect.stringMatching(/^authflight%3Aa=\S+; Path=\/; SameSite=lax$/)])
})

test('writes the attributes it is given, and deletes with the same ones', async () => {
  const page = new FakeDocument()
  const store = cookieStore({ document: page, path: '/app', sameSite: 'none', secure: true, maxAge: 3_600 })
  await put(store, 'a', { n: 1 })
  await store.transact({ keys: ['a'] }, (view) => view.delete('a'))
  expect(page.written.map((text) => text.slice(text.indexOf(';')))).toEqual([
    '; Path=/app; SameSite=none; Secure; Max-Age=3600',
    '; Path=/app; SameSite=none; Secure; Max-Age=0',
  ])
  expect(page.jar.size).toBe(0)
})

test('no cookie is larger than browsers take, and a large record leaves no parts behind when it shrinks or goes', async () => {
  const page = new FakeDocument()
  const store = cookieStore({ document: page })
  await put(store, 'a', long('x'))
  expect(page.jar.size).toBe(3)
  for (const [name, value] of page.jar) expect(name.length + value.length).toBeLessThan(4_096)
  await put(store, 'a', { n: 1 })
  expect(page.jar.size).toBe(1)
  await put(store, 'a', long('y'))
  await store.transact({ keys: ['a'] }, (view) => view.delete('a'))
  expect(page.jar.size).toBe(0)
})

test('spaces and pluses come back as they were, and take no more room than letters', async () => {
  const page = new FakeDocument()
  const store = cookieStore({ document: page })
  await put(store, 'a', { text: `${'+'.repeat(100)}${' '.repeat(3_000)}%20` })
  expect(page.jar.size).toBe(1)
  expect(await get(store, 'a')).toEqual({ text: `${'+'.repeat(100)}${' '.repeat(3_000)}%20` })
})

test('cut off after any of its writes, the old record or the new one is there, whole', async () => {
  const page = new FakeDocument()
  const store = cookieStore({ document: page })
  await put(store, 'a', long('x'))
  const moments: Map<string, string>[] = []
  const written: Pick<FakeDocument, 'cookie'> = {
    get cookie() {
      return page.cookie
    },
    set cookie(text) {
      page.cookie = text
      moments.push(new Map(page.jar))
    },
  }
  await put(cookieStore({ document: written }), 'a', long('y'))

  const found = await Promise.all(
    moments.map(async (jar) => {
      const restarted = Object.assign(new FakeDocument(), { jar })
      return ((await get(cookieStore({ document: restarted }), 'a')) as ReturnType<typeof long> | undefined)?.text[0]
    }),
  )
  expect(found.join('')).toMatch(/^x+y+$/)
})

/** A browser whose cookies run out. */
class AgingDocument {
  /** Seconds. */
  now = 0
  readonly #jar = new Map<string, { readonly value: string; readonly until: number }>()
  get cookie(): string {
    return [...this.#jar].flatMap(([name, { value, until }]) => (until > this.now ? `${name}=${value}` : [])).join('; ')
  }
  set cookie(text: string) {
    const [, name = '', value = '', age = 'Infinity'] = /^(.*?)=(.*?);.*?(?:Max-Age=(\d+))?$/.exec(text) ?? []
    this.#jar.set(name, { value, until: this.now + Number(age) })
  }
}

test('with `maxAge`, whoever is renewed every day stays signed in, and who is not is forgotten', async () => {
  const day = 24 * 60 * 60
  const page = new AgingDocument()
  const { createClient, signIn } = setUp()
  const load = () => createClient({ storage: cookieStore({ document: page, maxAge: 3 * day }) })
  const auth = load()
  await signIn(auth)
  for (let days = 1; days <= 4; days += 1) {
    page.now = days * day
    expect((await auth.refreshSession()).error).toBeNull()
  }
  expect((await load().getSession()).data.session?.revision).toBe(5)
  page.now += 3 * day
  expect((await load().getSession()).data.session).toBeNull()
})

describe('what goes with every request stays small', () => {
  const list = (store: Store, prefix: string) =>
    store.transact({ keys: [], prefixes: [prefix] }, (view) => view.list(prefix).map(([key]) => key))

  test.each([
    ['tombstone', 'at', 4],
    ['attempt', 'begun', 7],
  ])('of the %ss, which are told by `%s`, the youngest %i stay, and of other kinds all', async (kind, told, most) => {
    const store = cookieStore({ document: new FakeDocument() })
    for (let at = 1; at <= 20; at += 1) await put(store, `slot:app:${at}`, { [told]: at })
    // In no order, because ids have none.
    const ages = [3, 17, 1, 19, 8, 2, 20, 5, 11, 4, 18, 6, 9, 7, 16, 10, 15, 12, 14, 13]
    await store.transact({ keys: [] }, (view) => {
      for (const age of ages) view.put(`${kind}:app:${age}`, { [told]: 100 - age })
    })
    expect((await list(store, `${kind}:`)).length).toBe(most)
    // The clock was set back: what is new stays all the same, and so do the youngest beside it.
    await put(store, `${kind}:app:new`, { [told]: 1 })
    const kept = Array.from({ length: most - 1 }, (_, at) => `${kind}:app:${at + 1}`)
    expect((await list(store, `${kind}:`)).toSorted()).toEqual([...kept, `${kind}:app:new`].toSorted())
    // Written again, nothing has to go for it.
    await put(store, `${kind}:app:1`, { [told]: 99, more: 1 })
    expect((await list(store, `${kind}:`)).length).toBe(most)
    expect((await list(store, 'slot:')).length).toBe(20)
  })

  test('after twenty sign-ins and sign-outs, the last five of them renewed seventeen times, in every moment', async () => {
    let largest = 0
    const page = new (class extends FakeDocument {
      override get cookie(): string {
        largest = Math.max(largest, super.cookie.length)
        return super.cookie
      }
      override set cookie(text: string) {
        super.cookie = text
      }
    })()
    const { createClient, signIn } = setUp()
    const auth = createClient({ storage: cookieStore({ document: page }) })
    for (let round = 1; round <= 20; round += 1) {
      await signIn(auth)
      for (let times = 1; round > 15 && times <= 17; times += 1) expect((await auth.refreshSession()).error).toBeNull()
      expect((await auth.signOut()).error).toBeNull()
    }
    expect(largest).toBeLessThan(7_200)
    expect(page.cookie.length).toBeLessThan(2_800)
  })
})

test('a set that lacks a part is absent', async () => {
  const page = new FakeDocument()
  const store = cookieStore({ document: page })
  await put(store, 'a', long('x'))
  const part = [...page.jar.keys()].find((name) => name.includes('|')) ?? ''
  page.jar.delete(part)
  expect(await get(store, 'a')).toBeUndefined()
})

test.each(['', 'x', 'ab.1.%', 'ab.2.%7B%7D', 'ab.1.%7B', 'ab.0.'])(
  '%j in the place of a record is no record',
  async (value) => {
    const page = new FakeDocument()
    page.jar.set('authflight%3Aa', value)
    page.jar.set('authflight%3A%', value)
    page.jar.set('theirs', 'x')
    expect(
      await cookieStore({ document: page }).transact({ keys: [], prefixes: [''] }, (view) => view.list('')),
    ).toEqual([])
  },
)

test('a record that is too large is refused with its size and the limit, and what stood there stands', async () => {
  const page = new FakeDocument()
  const store = cookieStore({ document: page })
  await put(store, 'a', { n: 1 })
  await expect(put(store, 'a', long('x', 20_000))).rejects.toMatchObject({
    code: 'storage_error',
    message:
      'This session takes 21 kB, and cookies hold 15.2 kB at most. Leave `storage` out for IndexedDB, or ask the provider for smaller tokens.',
  })
  expect(await get(store, 'a')).toEqual({ n: 1 })
})

test('cookies that the browser does not keep are noticed, and what to check is said', async () => {
  const page = new FakeDocument()
  page.blocked = true
  await expect(put(cookieStore({ document: page }), 'a', { n: 1 })).rejects.toMatchObject({
    code: 'storage_error',
    message: expect.stringMatching(/did not keep a cookie.*Allow cookies.*`path`, `secure` and `sameSite`/),
  })
})

test('where the browser is full in the middle of a transaction, all that was there is there', async () => {
  const page = new FakeDocument()
  const store = cookieStore({ document: page })
  await put(store, 'a', long('x'))
  await put(store, 'b', { n: 1 })
  page.most = page.jar.size + 1
  const change = store.transact({ keys: ['a', 'b', 'c'] }, (view) => {
    view.put('b', { n: 2 })
    view.put('c', { n: 2 })
    view.put('a', long('y'))
  })
  await expect(change).rejects.toMatchObject({ code: 'storage_error' })
  expect([await get(store, 'a'), await get(store, 'b'), await get(store, 'c')]).toEqual([
    long('x'),
    { n: 1 },
    undefined,
  ])
})

test('where there is no page it says so', async () => {
  await expect(put(cookieStore(), 'a', {})).rejects.toMatchObject({
    message: 'There are no cookies here, only in a page: leave `storage` out.',
  })
})

test('a deletion that does not take effect rejects: a session must not stay behind unnoticed', async () => {
  const page = new FakeDocument()
  const store = cookieStore({ document: page })
  await put(store, 'a', { n: 1 })
  page.blocked = true
  await expect(store.transact({ keys: ['a'] }, (view) => view.delete('a'))).rejects.toMatchObject({
    code: 'storage_error',
  })
  expect(await get(store, 'a')).toEqual({ n: 1 })
})

describe('a cookie that another host of the domain has set', () => {
  /** A page that sees its own cookies and, as browsers do it, after them younger ones of the whole domain. */
  class SharedDocument extends FakeDocument {
    readonly domain = new Map<string, string>()
    override get cookie(): string {
      return [...this.jar, ...this.domain].map(([name, value]) => `${name}=${value}`).join('; ')
    }
    override set cookie(text: string) {
      super.cookie = text
    }
    /** What a browser takes from another host: no name that only a host itself may give. */
    plant(name: string, value: string): void {
      if (!name.startsWith('__Host-')) this.domain.set(name, value)
    }
  }

  test.each([
    ['over https cannot have the name of ours', true, 'Ada Lovelace'],
    ['is not taken for ours where it has the same name', false, undefined],
  ])('%s', async (_, secure, name) => {
    const { createClient, signIn } = setUp()
    const [attackers, victims] = [new FakeDocument(), new SharedDocument()]
    await signIn(createClient({ storage: cookieStore({ document: attackers, secure }) }), 'grace')
    await signIn(createClient({ storage: cookieStore({ document: victims, secure }) }), 'ada')
    for (const [key, value] of attackers.jar) {
      victims.plant(key, value)
      victims.plant(key.replace('__Host-', ''), value)
    }
    const auth = createClient({ storage: cookieStore({ document: victims, secure }) })
    expect((await auth.getSession()).data.session?.user?.name).toBe(name)
  })

  test('is kept off by its name only where all of the host is ours: browsers take such names with no path', async () => {
    const page = new FakeDocument()
    await put(cookieStore({ document: page, secure: true, path: '/app' }), 'a', { n: 1 })
    await put(cookieStore({ document: page, secure: true }), 'a', { n: 1 })
    expect([...page.jar.keys()]).toEqual(['authflight%3Aa', '__Host-authflight%3Aa'])
  })
})
