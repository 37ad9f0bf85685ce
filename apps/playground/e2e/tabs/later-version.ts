import { expect } from 'vitest'
import type { BundleOptions } from './bundle.ts'

type Edit = readonly [present: string, later: string]

/** Writes a field with each answer of the server that this version has never heard of. */
const writesAField: Edit = [
  '    revision: slot.revision + 1,\n',
  "    revision: slot.revision + 1,\n    later: 'kept',\n",
]
/** Marks what it writes as its own, so that older versions leave it alone. */
const marksItsOwn: readonly Edit[] = [
  ['const version = 1\n', 'const version = 2\n'],
  ["    later: 'kept',\n", "    later: 'kept',\n    v: version,\n"],
]

/** A later version whose records this one may still write: they have a field more. */
export const withFieldMore: BundleOptions = editSlots(writesAField)
/** A later version whose records only it can write. */
export const withNewRecords: BundleOptions = editSlots(writesAField, ...marksItsOwn)

/** A build of the client whose records differ. What these edits do not find would leave it this version: then the build fails. */
function editSlots(...edits: readonly Edit[]): BundleOptions {
  return {
    edit: (path, source) =>
      path.endsWith('/packages/client/src/slot/slot.ts')
        ? edits.reduce((text, [present, later]) => {
            expect(text.split(present), `slot.ts has this once: ${present}`).toHaveLength(2)
            return text.replace(present, later)
          }, source)
        : source,
  }
}
