import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { runScript } from './lib/complaint.mjs'
import { ensureNodePackages } from './lib/node-packages.mjs'
import { root } from './lib/root.mjs'

// Starts the playground with the words behind `npm start --`, and stays as long as it runs. The channel between the two tells the playground when this
// script is gone, whatever ended it.
await runScript(() => {
  const node = ensureNodePackages()
  const server = join(root, 'apps', 'playground', 'server', 'main.ts')
  const playground = spawn(node, [server, ...process.argv.slice(2)], {
    cwd: root,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  playground.on('exit', (code) => process.exit(code ?? 1))

  process.on('SIGINT', () => playground.kill('SIGINT'))
  process.on('SIGTERM', () => playground.kill('SIGTERM'))
  process.on('SIGHUP', () => playground.kill('SIGHUP'))

  // A SIGTERM for npm alone ends npm's shell and never comes here: look whether the shell is still there.
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && playground.kill('SIGTERM'), 500)
})
