import { expect, test } from 'vitest'
import { collect, expectGone, startNpm } from '../../test/npm-start.ts'

test('npm start -- --traces prints where the traces are, tells the page, and leaves nothing behind', async () => {
  const npm = startNpm({ PORT: '0' }, ['--traces'])
  const said = collect(npm)
  const find = (pattern: RegExp): string | undefined => pattern.exec(said.text)?.[1]
  // Its packages are installed first where they are missing.
  await expect.poll(() => find(/Traces are at (http:\S+);/), { timeout: 90_000 }).toBeDefined()
  const traceView = find(/Traces are at (http:\S+);/)!
  const url = find(/(http:\/\/localhost:\d+)/)!

  const config = (await (await fetch(`${url}/playground/config`)).json()) as { issuer: string }
  expect(config).toMatchObject({ otlp: true, traceView })
  expect((await fetch(traceView)).status).toBe(200)

  process.kill(npm.pid!, 'SIGTERM')
  await expectGone(npm, [url, config.issuer, traceView])
})
