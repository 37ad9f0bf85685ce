import { Activity, type ReactNode } from 'react'
import { expect, test } from 'vitest'
import { AuthProvider, useSession } from '../src/index.ts'
import { fakeClient, type FakeClient } from './support/fake-client.ts'
import { createStage } from './support/stage.tsx'

const Who = (): ReactNode => useSession().status

function setUp() {
  const stage = createStage()
  const made: FakeClient[] = []
  const create = () => {
    const fake = fakeClient()
    made.push(fake)
    return fake.client
  }
  return { stage, made, create, disposed: () => made.map(({ disposed }) => disposed) }
}

test('hidden by an <Activity> above it a client is disposed, and shown again it is another', async () => {
  const { stage, create, disposed } = setUp()
  const show = (mode: 'visible' | 'hidden') =>
    stage.show(
      <Activity mode={mode}>
        <AuthProvider create={create}>
          <Who />
        </AuthProvider>
      </Activity>,
    )
  await show('visible')
  expect(disposed()).toEqual([false])
  await show('hidden')
  expect(disposed()).toEqual([true])
  await show('visible')
  expect(disposed()).toEqual([true, false])
})

test('above an <Activity> a client stays', async () => {
  const { stage, create, disposed } = setUp()
  const show = (mode: 'visible' | 'hidden') =>
    stage.show(
      <AuthProvider create={create}>
        <Activity mode={mode}>
          <Who />
        </Activity>
      </AuthProvider>,
    )
  for (const mode of ['visible', 'hidden', 'visible'] as const) await show(mode)
  expect(disposed()).toEqual([false])
})
