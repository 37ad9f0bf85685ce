import { spawnSync } from 'node:child_process'

/**
 * Runs a program in sight of the user: its command line first, then all that it says. It gets no input.
 *
 * @param {string} program
 * @param {string[]} words
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} options
 */
export function runVisibly(program, words, { cwd, env = process.env } = {}) {
  console.log(`$ ${[program, ...words].join(' ')}`)
  return spawnSync(program, words, {
    cwd,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
}
