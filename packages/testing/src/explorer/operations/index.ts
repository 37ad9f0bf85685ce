import { asking } from './asking.ts'
import { coming } from './coming.ts'
import { going } from './going.ts'
import { handingOver } from './handing-over.ts'
import { listening } from './listening.ts'
import type { Operation } from './operation.ts'
import { page } from './page.ts'
import { several } from './several.ts'
import { surroundings } from './surroundings.ts'

/** All that can be done in a world. A new operation is one entry in one of these lists. */
export const operations: readonly Operation[] = [
  ...asking,
  ...coming,
  ...going,
  ...several,
  ...handingOver,
  ...page,
  ...surroundings,
  ...listening,
]

const total = operations.reduce((sum, { weight }) => sum + weight, 0)

/** The operation of a number from 0 to 1,023, each as often as its weight says. */
export function operationAt(number: number): Operation {
  let left = (number / 1_024) * total
  for (const operation of operations) {
    left -= operation.weight
    if (left < 0) return operation
  }
  return operations[0] as Operation
}
