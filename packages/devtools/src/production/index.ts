export { AuthDevtools, type AuthDevtoolsProps } from '../shells/auth-devtools.tsx'
export { AuthDevtoolsPanel, type AuthDevtoolsPanelProps } from '../react/auth-devtools-panel.tsx'
export type { PanelControl } from '../react/bars/controls-bar.tsx'
