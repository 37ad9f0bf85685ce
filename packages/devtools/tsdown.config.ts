import { library } from '../../tsdown.shared.ts'

export default library({
  index: 'src/index.ts',
  'formats/index': 'src/formats/index.ts',
  'production/index': 'src/production/index.ts',
  'react/index': 'src/react/index.ts',
  'report/index': 'src/report/index.ts',
})
