export { AuthDevtoolsPanel, type AuthDevtoolsPanelProps } from './auth-devtools-panel.tsx'
