/**
 * `@authflight/devtools/black-box`: records that survive a redirect and a reload, for `explain` of `@authflight/devtools/report`.
 */
export { type BlackBoxOptions, keepRecords } from './keep-records.ts'
export { forgetRecords, recallRecords } from './recall-records.ts'
export type { Recording } from '../formats/recording.ts'
