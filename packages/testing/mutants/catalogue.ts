import { comparedFields } from './compared-fields.ts'
import { devices } from './devices.ts'
import { generate } from './generate.ts'
import { place } from './hand-made.ts'
import type { Mutant } from './mutant.ts'
import { promises } from './promises.ts'
import { files, readSource } from './sources.ts'

/** Every mutant there is. @throws {Error} where one by hand does not fit the code any more. */
export const allMutants = (): Mutant[] => [
  ...[...promises, ...comparedFields, ...devices].map((made) => place(made, readSource(made.file))),
  ...files.flatMap((file) => generate(file, readSource(file))),
]
