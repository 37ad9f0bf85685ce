// A process with one client in it: what one client does to the compiler and the heap is not another's.
import { measureFresh } from './fresh.ts'
import { measureStorms } from './storm.ts'
import type { Task } from './task.ts'

const tell = (result: unknown): void => void process.send?.(result)

process.once('message', async (task: Task) => {
  if (task.measure === 'fresh') tell(await measureFresh(task.client))
  else await measureStorms(task.client, task.sizes, tell)
  process.disconnect()
  process.exit(0)
})
