// The panel as one page that needs nothing else: `dist/viewer.html`. It may load nothing, so what is dropped on it stays there.
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export async function bundleViewer(): Promise<string> {
  const bundle = await rolldown({
    input: at('src/shells/viewer.tsx'),
    platform: 'browser',
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    resolve: { conditionNames: ['@authflight/source', 'browser', 'import', 'default'] },
    onLog: () => {},
  })
  try {
    const { output } = await bundle.generate({ format: 'iife', minify: true, codeSplitting: false })
    return writePage(output[0].code.replaceAll('</script', String.raw`<\/script`))
  } finally {
    await bundle.close()
  }
}

function writePage(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64')
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width">',
    '<meta name="color-scheme" content="light dark">',
    '<title>Authflight recording</title>',
    '<body>',
    '<div id="viewer"></div>',
    `<script>${script}</script>`,
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(at('dist'), { recursive: true })
  writeFileSync(at('dist/viewer.html'), await bundleViewer())
}
