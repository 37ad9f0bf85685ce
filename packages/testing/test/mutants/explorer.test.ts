import { expect, test } from 'vitest'
import { devices } from '../../mutants/devices.ts'
import { explore } from '../../mutants/explorer.ts'
import { place } from '../../mutants/hand-made.ts'
import { readSource } from '../../mutants/sources.ts'

test(
  'a client that does not wait for open claims is caught, and the client as it is is not',
  { timeout: 120_000 },
  async () => {
    const made = devices.find(({ what }) => what === 'nobody waits for an open claim')
    if (!made) throw new Error('No such mutant.')
    const mutant = place(made, readSource(made.file))

    expect(await explore({ mutant, runs: 120, seed: 2026 })).toMatch(/^promise (1|10): /)
    expect(await explore({ mutant: null, runs: 20, seed: 2026 })).toBeNull()
  },
)
