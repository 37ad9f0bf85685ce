import { library } from '../../tsdown.shared.ts'

export default library({ index: 'src/index.ts', 'react/index': 'src/react/index.ts' })
