export { explain, type Explanation, type RecordingLike } from './explain.ts'
export { writeReport } from './markdown.ts'
export type { Cause, Step } from '../verdicts/verdict.ts'
export type { Recording } from '../formats/recording.ts'
