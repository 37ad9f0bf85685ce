import { AuthDevtools as RealDevtools } from '../shells/auth-devtools.tsx'
import { AuthDevtoolsPanel as RealPanel } from './auth-devtools-panel.tsx'

declare const process: { readonly env: { readonly NODE_ENV?: string } }

// Written so that bundlers see it: in a production build nothing of the real ones is left. `@authflight/devtools/production` has them always.
const Nothing = () => null

/** {@inheritDoc RealDevtools} In production builds it shows nothing and weighs nothing; import it from `/production` there. */
export const AuthDevtools: typeof RealDevtools = process.env.NODE_ENV === 'production' ? Nothing : RealDevtools

/** {@inheritDoc RealPanel} In production builds it shows nothing and weighs nothing; import it from `/production` there. */
export const AuthDevtoolsPanel: typeof RealPanel = process.env.NODE_ENV === 'production' ? Nothing : RealPanel

export type { AuthDevtoolsProps } from '../shells/auth-devtools.tsx'
export type { AuthDevtoolsPanelProps } from './auth-devtools-panel.tsx'
export type { PanelControl } from './bars/controls-bar.tsx'
