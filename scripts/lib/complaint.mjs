/** An error whose message is written for the person at the terminal: it is shown alone, without a stack. */
export class Complaint extends Error {}

/**
 * Runs the whole of a script. A Complaint is shown as its sentence; anything else is a bug and keeps its stack.
 * Either ends the process with code 1.
 *
 * @param {() => unknown} script
 */
export async function runScript(script) {
  try {
    await script()
  } catch (error) {
    console.error(error instanceof Complaint ? `\n${error.message}` : error)
    process.exit(1)
  }
}
