/**
 * `@authflight/devtools/performance`: flights in the Performance panel of the browser's own devtools, beside the network and the main thread.
 */
export { type MirrorOptions, mirrorToPerformance } from './mirror.ts'
