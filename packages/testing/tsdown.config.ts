import { library } from '../../tsdown.shared.ts'

export default library({
  index: 'src/index.ts',
  browser: 'src/browser.ts',
  conformance: 'src/conformance.ts',
  explorer: 'src/explorer/index.ts',
  node: 'src/node.ts',
})
