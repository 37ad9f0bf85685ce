import type { Dialect } from '../profiles.ts'
import { asking } from './asking.ts'
import { coming } from './coming.ts'
import { going } from './going.ts'
import { gotrueOnly } from './gotrue.ts'
import { handingOver } from './handing-over.ts'
import { listening } from './listening.ts'
import type { Operation } from './operation.ts'
import { page } from './page.ts'
import { several } from './several.ts'
import { surroundings } from './surroundings.ts'

/** All that can be done in a world. A new operation is one entry in one of these lists. */
const operations: readonly Operation[] = [
  ...asking,
  ...coming,
  ...going,
  ...several,
  ...handingOver,
  ...page,
  ...surroundings,
  ...listening,
  ...gotrueOnly,
]

/** What can be done in worlds with such a server. */
export const operationsOf: Readonly<Record<Dialect, readonly Operation[]>> = {
  own: operations.filter(({ dialect = 'own' }) => dialect === 'own'),
  gotrue: operations.filter(({ dialect = 'gotrue' }) => dialect === 'gotrue'),
}

/** The operation of a number from 0 to 1,023, each as often as its weight says. */
export function operationAt(dialect: Dialect, number: number): Operation {
  const all = operationsOf[dialect]
  let left = (number / 1_024) * all.reduce((sum, { weight }) => sum + weight, 0)
  for (const operation of all) {
    left -= operation.weight
    if (left < 0) return operation
  }
  return all[0] as Operation
}
