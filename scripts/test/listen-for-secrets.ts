// Runs before a file of tests, in Node or in a browser. A file in which a secret is told has failed.
import { afterAll } from 'vitest'
import { listen } from './listen.ts'

const leaks = listen()

afterAll(() => {
  if (leaks.size > 0) throw new Error(`What was told holds secrets.\n${[...leaks].join('\n')}`)
})
