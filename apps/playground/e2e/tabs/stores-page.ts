import { describeStore } from '@authflight/testing/conformance'
import { browserStores } from '../../../../packages/client/test/support/browser-stores.ts'

declare global {
  interface Window {
    /** The tests of every store, by the store's name and the test's title. */
    storeTests: ReadonlyMap<string, () => Promise<void>>
  }
}

const tests = new Map<string, () => Promise<void>>()
for (const [name, subject] of browserStores) {
  describeStore((title, run) => tests.set(`${name}: ${title}`, run), subject)
}
window.storeTests = tests
