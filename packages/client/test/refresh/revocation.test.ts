import { expect, onTestFinished, test, vi } from 'vitest'
import { revoke } from '../../src/refresh/revocation.ts'
import { systemRealm } from '../../src/realm/system-realm.ts'

test('a revocation outlives its page, also of a provider that says nothing of that (decision 6)', async () => {
  const fetching = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => new Response())
  onTestFinished(() => fetching.mockRestore())
  const provider = {
    async revoke(...[, io]: Parameters<Parameters<typeof revoke>[0]['provider']['revoke']>) {
      await io.fetch('https://id.example.test/revoke', { method: 'POST' })
      return true
    },
  }
  const tokens = { accessToken: 'access', refreshToken: 'refresh' }
  expect(await revoke({ realm: systemRealm, requestLimit: 1_000, provider }, tokens)).toBe('done')
  expect(fetching).toHaveBeenCalledExactlyOnceWith(
    'https://id.example.test/revoke',
    expect.objectContaining({ method: 'POST', keepalive: true }),
  )
})
