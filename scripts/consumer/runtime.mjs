const { bun, deno, node } = process.versions

/** What this runs on, with its version. */
export const runtime = deno ? `Deno ${deno}` : bun ? `Bun ${bun}` : `Node ${node}`
