// Requires every entry point named on the command line, as an app of CommonJS modules would.
for (const entry of process.argv.slice(2)) {
  if (Object.keys(require(entry)).length === 0) throw new Error(`${entry} exports nothing`)
}
console.log(`Node ${process.versions.node} requires ${process.argv.slice(2).join(', ')}`)
