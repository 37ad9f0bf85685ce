import { library } from '../../tsdown.shared.ts'

export default library({
  index: 'src/index.ts',
  browser: 'src/browser.ts',
  conformance: 'src/conformance.ts',
  node: 'src/node.ts',
})
