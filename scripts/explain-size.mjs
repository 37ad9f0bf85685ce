// What the client's size is made of: it grows room by room, each with all that it needs, minified and gzipped as in an app. Then
// what would be left of it if words cost nothing.
import { runScript } from './lib/complaint.mjs'
import { measureBundle } from './lib/bundle-size.mjs'
import { dropNames, dropSentences } from './lib/wordless.mjs'

/** Files of packages/client/src, each row in addition to those above it. */
const rooms = [
  { name: 'one flight a token: claim, request, guard, commit, discard', files: ['refresh/refresh'] },
  {
    name: 'the store of browsers, and notices between tabs',
    files: ['storage/default-store', 'storage/bounded', 'realm/tabs'],
  },
  {
    name: 'what callers get, what the app sees, the timer',
    files: ['sessions', 'mirror', 'events', 'store-watch', 'auto-refresh', 'page-life'].map(
      (name) => `accounts/${name}`,
    ),
  },
  {
    name: 'accounts, who is shown, sign-out',
    files: ['accounts/accounts', 'accounts/seats', 'accounts/shown', 'accounts/pointer', 'places'],
  },
  {
    name: 'sign-ins, callbacks, sessions from outside, users',
    files: ['door', 'accounts/user', 'accounts/export-session'],
  },
  { name: '`fetch`', files: ['fetch'] },
  { name: 'spans, records, metrics', files: ['telemetry/operation', 'telemetry/ring', 'telemetry/hook'] },
  { name: 'stores that an app has already', files: ['storage/adapt'] },
  { name: 'the legacy lock', files: ['with-lock'] },
  { name: 'options that are checked, methods that are bound', files: ['options', 'surface', 'throw-on-error'] },
  { name: 'wiring, clock, page', files: ['client'] },
]

await runScript(async () => {
  let before = 0
  const code = []
  for (const { name, files } of rooms) {
    code.push(...files.map((file) => `export * from './packages/client/src/${file}.ts'`))
    const size = await measureBundle(code.join('\n'))
    console.log(`${size.toFixed(1).padStart(5)} kB  +${(size - before).toFixed(1).padStart(4)}  ${name}`)
    before = size
  }
  const whole = code.join('\n')
  const noSentence = await measureBundle(whole, dropSentences)
  const noWord = await measureBundle(whole, (text) => dropNames(dropSentences(text)))
  console.log(`${noSentence.toFixed(1).padStart(5)} kB         all of it, without one sentence`)
  console.log(
    `${noWord.toFixed(1).padStart(5)} kB         and with a letter or two for each name of a member, also where others read it`,
  )
})
