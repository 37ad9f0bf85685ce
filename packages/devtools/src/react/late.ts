/**
 * What is not needed for the first picture, in one piece that is loaded when some of it is: other tabs, detail, menu, files. Many
 * small pieces would weigh more together than this one.
 */
export { forgetRecords, keepRecords, recallRecords } from '../black-box/index.ts'
export { openRecording } from '../formats/index.ts'
export { reportOf } from '../report/markdown.ts'
export { DetailPane } from './detail-pane.tsx'
export { FileBar } from './file-bar.tsx'
export { KeysSheet } from './keys-sheet.tsx'
export { MenuList } from './menu-list.tsx'
export { RaceBar } from './race-bar.tsx'
export { SpokenSelection } from './spoken-selection.tsx'
export { StatsPane } from './stats-pane.tsx'
export { TablePane } from './table-pane.tsx'
export { Tooltip } from './tooltip.tsx'
export { WhyPane } from './why-pane.tsx'
