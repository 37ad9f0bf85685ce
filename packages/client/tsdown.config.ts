import { library } from '../../tsdown.shared.ts'

export default library(
  {
    index: 'src/index.ts',
    realm: 'src/in-realm.ts',
    locks: 'src/locks.ts',
    presentation: 'src/presentation.ts',
    telemetry: 'src/telemetry/index.ts',
    'providers/oauth': 'src/providers/oauth.ts',
    'providers/dpop': 'src/providers/dpop.ts',
    'providers/gotrue': 'src/providers/gotrue.ts',
  },
  // Its types say that a client can be disposed of, and the compiler drops such a line from a source.
  { banner: { dts: '/// <reference lib="esnext.disposable" />' } },
)
