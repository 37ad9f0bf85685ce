import { runScript } from './lib/complaint.mjs'
import { requireNode } from './lib/node-version.mjs'

// npm scripts run on the Node that the lock file installs, unless its install script was not allowed to run.
await runScript(() => requireNode(24, 'Run `npm ci` without --ignore-scripts: it puts Node 24 into node_modules/.bin.'))
