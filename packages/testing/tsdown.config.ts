import { library } from '../../tsdown.shared.ts'

export default library({ index: 'src/index.ts', browser: 'src/browser.ts', node: 'src/node.ts' })
