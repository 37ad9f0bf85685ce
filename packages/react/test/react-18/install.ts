import { ensureOwnPackages } from '../../../../scripts/lib/own-packages.mjs'

export default (): void => ensureOwnPackages(import.meta.dirname)
