import { installPackages } from '../../../../scripts/test/install-packages.ts'

export default (): void => installPackages(import.meta.dirname, 'react-dom')
