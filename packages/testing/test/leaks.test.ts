import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findLeaks } from '../src/leaks.ts'

const secret = { id: 'refresh-1', value: 'canary_refresh_a+b/c~ü' }
const sha256 = (encoding: 'hex' | 'base64' | 'base64url') => createHash('sha256').update(secret.value).digest(encoding)

test.each([
  { disguise: 'refresh-1', text: secret.value },
  { disguise: 'refresh-1 (percent-encoded)', text: encodeURIComponent(secret.value) },
  { disguise: 'refresh-1 (hex)', text: Buffer.from(secret.value).toString('hex').toUpperCase() },
  { disguise: 'refresh-1 (sha-256)', text: sha256('hex') },
  { disguise: 'refresh-1 (sha-256)', text: sha256('base64') },
  { disguise: 'refresh-1 (sha-256)', text: sha256('base64url') },
])('finds $disguise in the middle of a text', async ({ disguise, text }) => {
  expect(await findLeaks(`before ${text} after`, [secret])).toEqual([disguise])
})

test('finds it in base64 and base64url, whatever stands around it', async () => {
  const property = fc.asyncProperty(
    fc.string(),
    fc.string(),
    fc.constantFrom<BufferEncoding>('base64', 'base64url'),
    async (before, after, encoding) => {
      const text = Buffer.from(before + secret.value + after).toString(encoding)
      return (await findLeaks(text, [secret])).includes('refresh-1 (base64)')
    },
  )
  expect((await fc.check(property)).counterexample).toBeNull()
})

test('finds nothing where there is nothing', async () => {
  expect(await findLeaks('canary_refresh_another, refresh-1', [secret])).toEqual([])
})
