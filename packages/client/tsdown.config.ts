import { library } from '../../tsdown.shared.ts'

export default library({ index: 'src/index.ts', realm: 'src/in-realm.ts', 'providers/oauth': 'src/providers/oauth.ts' })
