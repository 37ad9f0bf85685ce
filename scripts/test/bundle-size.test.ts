import { expect, test } from 'vitest'
import { measureBundle } from '../lib/bundle-size.mjs'

test('measureBundle counts the code of a library that the module uses', async () => {
  const alone = await measureBundle('export const one = 1')
  const withJose = await measureBundle("export { jwtVerify } from 'jose'")
  expect(alone).toBeLessThan(0.1)
  expect(withJose).toBeGreaterThan(3)
})

test('measureBundle counts neither the OpenTelemetry API nor React', async () => {
  const size = await measureBundle(
    "import { trace } from '@opentelemetry/api'\nexport { useState } from 'react'\nexport { trace }",
  )
  expect(size).toBeLessThan(0.2)
})

test('measureBundle refuses a module that cannot be found, instead of measuring nothing', async () => {
  await expect(measureBundle("export * from '@authflight/missing'")).rejects.toThrow('@authflight/missing')
})
