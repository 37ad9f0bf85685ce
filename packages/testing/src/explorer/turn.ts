/** Taken when this is loaded: fake timers of a test runner must not hold up the explorer. */
const { setImmediate: next } = globalThis

/** Lets everything run that waits for nobody: resolves when no microtask is left. */
export const turn = (): Promise<void> => new Promise((resolve) => void next(resolve))
