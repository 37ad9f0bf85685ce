// Imports every entry point named on the command line, as an app would.
for (const entry of process.argv.slice(2)) {
  const names = Object.keys(await import(entry))
  if (names.length === 0) throw new Error(`${entry} exports nothing`)
  console.log(`Node ${process.versions.node}: ${entry} exports ${names.join(', ')}`)
}
