// A process with one client in it: what one client does to the compiler and the heap is not another's.
import { once } from 'node:events'
import { measureFresh } from './fresh.ts'
import { measureStorms } from './storm.ts'
import type { Task } from './task.ts'
import { measureTelemetry } from './telemetry.ts'

const tell = (result: unknown): void => void process.send?.(result)

const [task] = (await once(process, 'message')) as [Task]
switch (task.measure) {
  case 'fresh':
    tell(await measureFresh(task.client))
    break
  case 'storm':
    await measureStorms(task.client, task.sizes, tell)
    break
  case 'telemetry':
    tell(measureTelemetry())
}
// Timers of a client may be left, and would hold the process.
process.disconnect()
process.exit(0)
