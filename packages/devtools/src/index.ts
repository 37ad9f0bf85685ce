export { RecordModel, type RecordModelOptions } from './model/record-model.ts'
export { readRecord } from './model/record-shape.ts'
export { readOtherTabs, relayChannelName, shareRecords, type RelayChannel, type RelayOptions } from './model/relay.ts'
export { readSources } from './model/sources.ts'
