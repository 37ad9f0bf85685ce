import { rolldown } from 'rolldown'
import { expect, test, vi } from 'vitest'
import { type AuthClientOptions, createAuthClient, isAuthError } from '../src/index.ts'
import { strangerIn } from '../src/base/option-names.ts'
import { checkOptions } from '../src/options.ts'
import { gotrue } from '../src/providers/gotrue.ts'
import { oauth, type OAuthSignIn } from '../src/providers/oauth.ts'

const provider = oauth({ issuer: 'https://id.example.test', clientId: 'spa' })

/** The sentence with which options are refused; null where they are taken. */
function refusal(options: unknown): string | null {
  try {
    createAuthClient(options as AuthClientOptions<never>).dispose()
    return null
  } catch (error) {
    return isAuthError(error) && error.code === 'invalid_option' ? error.message : `not ours: ${String(error)}`
  }
}

test('only a provider is needed, and the rest has its defaults', () => {
  expect(checkOptions({ provider })).toEqual({
    provider,
    storage: null,
    name: 'default',
    autoRefresh: 'visible',
    patience: 10_000,
    requestLimit: 60_000,
    fetchOrigins: null,
    redirect: 'auto',
    throwOnError: false,
    legacyLock: null,
    records: 5_000,
  })
})

test('an option may be undefined, as what the environment does not name is, and has its default', () => {
  const it = undefined
  const bare = oauth({
    issuer: provider.authority,
    clientId: 'spa',
    scope: it,
    resource: it,
    redirectUri: it,
    reuse: it,
  })
  expect([bare.audience, bare.reuse]).toEqual([provider.audience, provider.reuse])
  const url = 'https://id.example.test/auth/v1'
  expect(gotrue({ url, apiKey: it, redirectTo: it, reuse: it }).reuse).toBe(gotrue({ url }).reuse)
  const options: AuthClientOptions<OAuthSignIn> = {
    provider,
    storage: it,
    name: it,
    autoRefresh: it,
    patience: it,
    requestLimit: it,
    fetchOrigins: it,
    redirect: it,
    throwOnError: it,
    recorder: it,
    lock: it,
    lockAcquireTimeout: it,
  }
  expect(checkOptions(options)).toEqual(checkOptions({ provider }))
})

test.each([
  ['nothing', undefined, /takes an object with `provider`/],
  ['null', null, /takes an object with `provider`/],
  ['a text', 'https://id.example.test', /takes an object/],
  ['no provider', {}, /`provider` is missing.*oauth\(\) from @authflight\/client\/oauth/],
  ['an issuer instead of a provider', { provider: 'https://id.example.test' }, /`provider` is missing or no provider/],
  [
    'half a provider',
    { provider: { ...provider, revoke: undefined, terminal: null } },
    /`provider` lacks terminal \(object\), revoke \(function\)/,
  ],
  [
    'a provider with another reuse',
    { provider: { ...provider, reuse: 'idempotant' } },
    /`provider.reuse` takes 'idempotent', 'branches', 'fatal', 'unknown'/,
  ],
  ['a storage that is none', { provider, storage: {} }, /`storage` is no store.*transact/],
  ['localStorage', { provider, storage: { getItem() {}, setItem() {} } }, /`storage` is no store/],
  ['storage null', { provider, storage: null }, /`storage` is no store/],
  ['an empty name', { provider, name: '' }, /`name` takes 1 to 64 letters/],
  ['a name with a colon', { provider, name: 'a:b' }, /`name` takes/],
  ['a name that is too long', { provider, name: 'x'.repeat(65) }, /`name` takes/],
  ['a name that is no text', { provider, name: 7 }, /`name` takes/],
  ['autoRefresh true', { provider, autoRefresh: true }, /`autoRefresh` takes 'visible', 'always', 'off'/],
  ['another redirect', { provider, redirect: 'never' }, /`redirect` takes 'auto', 'manual'/],
  ['patience 0', { provider, patience: 0 }, /`patience` takes milliseconds above 0/],
  ['a patience for ever', { provider, patience: Number.POSITIVE_INFINITY }, /`patience` takes milliseconds/],
  ['patience as a text', { provider, patience: '10s' }, /`patience` takes milliseconds/],
  ['a negative requestLimit', { provider, requestLimit: -1 }, /`requestLimit` takes milliseconds/],
  ['requestLimit NaN', { provider, requestLimit: Number.NaN }, /`requestLimit` takes milliseconds/],
  ['a host in fetchOrigins', { provider, fetchOrigins: ['api.example.com'] }, /`fetchOrigins`.*https:\/\/api\.example/],
  ['an opaque origin', { provider, fetchOrigins: ['data:text/plain,x'] }, /`fetchOrigins`/],
  ['fetchOrigins as a text', { provider, fetchOrigins: 'https://api.example.com' }, /`fetchOrigins`.*\[/],
  ['recorder true', { provider, recorder: true }, /`recorder` takes 'auto', 'off' or \{ records/],
  ['recorder null', { provider, recorder: null }, /`recorder` takes/],
  ['no records', { provider, recorder: { records: 0 } }, /`recorder` takes/],
  ['half a record', { provider, recorder: { records: 1.5 } }, /`recorder` takes/],
])('%s is refused in a sentence that names the option and what it takes', (_, options, sentence) => {
  expect(refusal(options)).toMatch(sentence)
})

test.each([
  ['storeage', 'storage'],
  ['autorefresh', 'autoRefresh'],
  ['requestTimeout', 'requestLimit'],
  ['Provider', 'provider'],
  ['fetchOrigin', 'fetchOrigins'],
  ['redirectUri', 'redirect'],
  // What auth-js calls so does what `name` does here.
  ['storageKey', 'name'],
])('an option `%s` that does not exist is refused, and `%s` is offered', (typed, offered) => {
  expect(refusal({ [typed]: 1 })).toBe(`There is no option \`${typed}\`. Did you mean \`${offered}\`?`)
})

test('what is there already is not offered, nor a name that is not like what was typed: then all are', () => {
  expect(refusal({ provider, providers: 1 })).not.toMatch('`provider`')
  expect(refusal({ provider, name: 'app', storageKey: 'app' })).not.toMatch('`name`')
  for (const typed of ['zzz', 'url', 'headers', 'persistSession', 'flowType', 'debug']) {
    expect(refusal({ [typed]: 1 })).toMatch(new RegExp(`^There is no option \`${typed}\`. There are: provider, .*\\.$`))
  }
})

test('the event of a button is no list of options; what a class made is one', () => {
  expect(strangerIn({ preventDefault() {}, _reactName: 'onClick' }, ['scope'])).toBeNull()
  expect(strangerIn(Object.assign(new URL('https://x'), { scop: 1 }), ['scope'])?.message).toContain('`scop`')
  expect(strangerIn(Object.assign(Object.create(null) as object, { scop: 1 }), ['scope'])?.message).toContain('`scope`')
})

test('an origin is taken as the platform writes it', () => {
  const { fetchOrigins } = checkOptions({ provider, fetchOrigins: ['https://API.example.com:443/', 'http://x:8080'] })
  expect(fetchOrigins).toEqual(['https://api.example.com', 'http://x:8080'])
})

test.each([
  ['https://api.example.com/v1', 'https://api.example.com/v1'],
  ['https://api.example.com?v=1', 'https://api.example.com?v=1'],
  ['https://*.example.com', 'https://*.example.com'],
  ['https://api.example.com@evil.test', 'evil.test'],
  ['https://canary:canary_password@api.example.com', 'api.example.com'],
  ['blob:https://a.test/1', 'blob:https://a.test/1'],
  ['capacitor://localhost', 'capacitor://localhost'],
  ['null', 'null'],
  ['', ''],
  [null, 'null'],
  [undefined, 'undefined'],
])('%s is no origin, and refused by its name among others that are', (entry, shown) => {
  const message = refusal({ provider, fetchOrigins: ['https://a.test', entry] }) ?? 'taken'
  expect(message).toMatch(/^`fetchOrigins` takes a list of whole origins.* This is none: '/)
  expect(message.slice(message.indexOf('none: ') + 6)).toBe(`'${shown}'.`)
})

test.each([[null], [''], [false], [0]])('fetchOrigins %j is not taken for the default', (fetchOrigins) => {
  expect(refusal({ provider, fetchOrigins })).toMatch(/`fetchOrigins` takes a list/)
})

test.each([
  ['auto', 'production', 500],
  ['auto', 'development', 5_000],
  ['off', 'development', 0],
  [{ records: 7 }, 'production', 7],
] as const)('recorder %j has, in %s, room for %d records', (recorder, environment, records) => {
  vi.stubEnv('NODE_ENV', environment)
  expect(checkOptions({ provider, recorder }).records).toBe(records)
  vi.unstubAllEnvs()
})

test('the recorder has room for 500 records in a page that a bundler built for production, which has no `process`', async () => {
  const bundle = await rolldown({
    input: new URL('../src/options.ts', import.meta.url).pathname,
    platform: 'browser',
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  })
  const { output } = await bundle.generate({ format: 'esm', minify: true })
  await bundle.close()
  const built = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(output[0].code)}`)) as {
    checkOptions: typeof checkOptions
  }
  vi.stubGlobal('process', undefined)
  const { records } = built.checkOptions({ provider })
  vi.unstubAllGlobals()
  expect(records).toBe(500)
})

test('the recorder has room for 5,000 records where nothing says what the environment is', () => {
  vi.stubGlobal('process', undefined)
  const { records } = checkOptions({ provider })
  vi.unstubAllGlobals()
  expect(records).toBe(5_000)
})
