import type * as real from './index.ts'

/** What bundlers take in a production build instead of the panel: nothing, with its types. */
export const AuthDevtools: typeof real.AuthDevtools = () => null
export const AuthDevtoolsPanel: typeof real.AuthDevtoolsPanel = () => null
