import { oauthFailure } from '@authflight/testing'
import { expect, it } from 'vitest'
import { findLeaks } from '../../../testing/src/leaks.ts'
import { writeChromeTrace, writeOtlp, writeOtlpLines } from '../../src/formats/index.ts'
import { writeReport } from '../../src/report/index.ts'
import { recordCase, signIn } from '../verdicts/stand.ts'

const formats = {
  'OTLP JSON': (records: Records) => JSON.stringify(writeOtlp(records)),
  'OTLP JSON by lines': writeOtlpLines,
  'a Chrome trace': (records: Records) => JSON.stringify(writeChromeTrace(records)),
  Markdown: writeReport,
}
type Records = Parameters<typeof writeOtlpLines>[0]

const records: { all: Records; secrets: string[] } = { all: [], secrets: [] }

it.each(Object.entries(formats))('%s of what a real client records holds no secret', async (_, write) => {
  if (records.all.length === 0) {
    const secrets = new Set(['canary-said-by-the-server', 'canary-code', 'canary-state'])
    records.all = await recordCase(async ({ server, openTab }) => {
      const auth = await openTab()
      await signIn(auth, server)
      const keep = async () => {
        const { session } = (await auth.getSession()).data
        if (session)
          for (const each of [session.accessToken, session.user?.id, session.user?.email]) if (each) secrets.add(each)
      }
      await keep()
      await auth.refreshSession()
      await keep()
      await auth.handleRedirect('https://app.example.test/?code=canary-code&state=canary-state')
      server.faults.next(oauthFailure('invalid_grant', { description: 'canary-said-by-the-server' }))
      await auth.refreshSession()
    })
    records.secrets = [...secrets]
  }
  expect(records.secrets.length).toBeGreaterThan(5)
  const text = write(records.all)
  expect(text.toLowerCase()).toContain('refresh')
  const raw = records.secrets.flatMap((each) => [each, each.slice(0, 8)]).map((each) => each.toLowerCase())
  expect(raw.filter((each) => text.toLowerCase().includes(each))).toEqual([])
  expect(
    await findLeaks(
      text,
      records.secrets.map((value, at) => ({ id: `secret ${at}`, value })),
    ),
  ).toEqual([])
})
