import { ensureOwnPackages } from '../../../../scripts/lib/own-packages.mjs'

export default (): Promise<void> => ensureOwnPackages(import.meta.dirname)
