// Runs the receiver in a process of its own, tells its port, and ends with the process that started it.
import { createDevtools } from 'autotel-devtools'

process.once('disconnect', () => process.exit(0))
const devtools = createDevtools({ port: 0, host: '127.0.0.1', sourceRoot: false, maxTraceCount: 10_000 })
const { port } = await devtools.ready
process.send?.({ port })
