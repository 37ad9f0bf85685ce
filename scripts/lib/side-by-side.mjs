/**
 * @typedef {(chunk: string | Uint8Array) => void} Say
 */

/**
 * @template T
 * @typedef {object} Task
 * @property {string} name
 * @property {string[]} [after] tasks that must have ended before
 * @property {(say: Say) => Promise<T>} work
 */

/**
 * Does tasks side by side: each, in their order, as soon as there is room and what it comes after has ended. What they say is shown as if one had
 * been done after the other, in the order in which they began: that of the first of them at once, that of another when its turn comes.
 *
 * @template T
 * @param {Task<T>[]} tasks
 * @param {{ room: number, show: Say }} options `room`: how many are done at a time
 * @returns {Promise<T[]>} what each came to, in the order of the tasks
 */
export async function doSideBySide(tasks, { room, show }) {
  const waiting = [...tasks]
  /** @type {Map<string, T>} */
  const ended = new Map()
  /** @type {Map<Task<T>, Promise<void>>} */
  const running = new Map()
  const takeTurn = takeTurns(show)

  /** @param {Task<T>} task */
  async function run({ name, work }) {
    const turn = takeTurn()
    ended.set(name, await work(turn.say))
    turn.end()
  }

  while (waiting.length > 0 || running.size > 0) {
    while (running.size < room) {
      const next = waiting.findIndex(({ after = [] }) => after.every((name) => ended.has(name)))
      if (next < 0) break
      for (const task of waiting.splice(next, 1)) running.set(task, run(task))
    }
    if (running.size === 0) throw new Error(`${waiting.map(({ name }) => name).join(', ')} come after what never ends.`)
    await Promise.race(running.values())
    for (const task of running.keys()) if (ended.has(task.name)) running.delete(task)
  }
  return tasks.map(({ name }) => /** @type {T} */ (ended.get(name)))
}

/**
 * Lets several talk at a time, and shows one at a time.
 *
 * @param {Say} show
 * @returns {() => { say: Say, end: () => void }} takes the next turn
 */
function takeTurns(show) {
  /** @type {{ held: (string | Uint8Array)[], ended: boolean }[]} */
  const turns = []
  const showWhatIsHeld = () => {
    for (let [first] = turns; first; [first] = turns) {
      for (const chunk of first.held.splice(0)) show(chunk)
      if (!first.ended) return
      turns.shift()
    }
  }
  return () => {
    const turn = { held: /** @type {(string | Uint8Array)[]} */ ([]), ended: false }
    turns.push(turn)
    return {
      say: (chunk) => {
        turn.held.push(chunk)
        if (turn === turns[0]) showWhatIsHeld()
      },
      end: () => {
        turn.ended = true
        showWhatIsHeld()
      },
    }
  }
}
