import type { UserConfig } from 'tsdown'
import { library } from '../../tsdown.shared.ts'
import { squeezeStyles } from './squeeze-styles.ts'

// A file a module: an app that takes one shell gets no part of another, and what is loaded late stays apart.
const config: UserConfig = {
  ...library({
    index: 'src/index.ts',
    'black-box/index': 'src/black-box/index.ts',
    'formats/index': 'src/formats/index.ts',
    'performance/index': 'src/performance/index.ts',
    'production/index': 'src/production/index.ts',
    'react/index': 'src/react/index.ts',
    'react/nothing': 'src/react/nothing.ts',
    'report/index': 'src/report/index.ts',
  }),
  unbundle: true,
  plugins: [squeezeStyles],
}

export default config
