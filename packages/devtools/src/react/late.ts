/**
 * What is not needed for the first picture, in one piece that is loaded when some of it is: other tabs, detail, menu, files. Many
 * small pieces would weigh more together than this one.
 */
export { forgetRecords, keepRecords, recallRecords } from '../black-box/index.ts'
export { openRecording } from '../formats/index.ts'
export { reportOf } from '../report/markdown.ts'
export { DetailPane } from './panes/detail-pane.tsx'
export { FileBar } from './bars/file-bar.tsx'
export { KeysSheet } from './widgets/keys-sheet.tsx'
export { MenuList } from './bars/menu-list.tsx'
export { RaceBar } from './bars/race-bar.tsx'
export { SpokenSelection } from './panes/spoken-selection.tsx'
export { StatsPane } from './panes/stats-pane.tsx'
export { TablePane } from './panes/table-pane.tsx'
export { Tooltip } from './panes/tooltip.tsx'
export { WhyPane } from './panes/why-pane.tsx'
