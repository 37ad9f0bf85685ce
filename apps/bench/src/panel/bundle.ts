import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { home } from '../clients/load.ts'

/** The page with the panel as one HTML document, as an app would build it for production. */
export async function bundlePanelPage(minify = true): Promise<string> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL('src/panel/page.ts', home)),
    platform: 'browser',
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    resolve: { conditionNames: ['production', 'browser', 'import', 'default'] },
  })
  try {
    const { output } = await bundle.generate({ format: 'esm', minify, codeSplitting: false })
    const script = output[0].code.replaceAll('</script', String.raw`<\/script`)
    return `<!doctype html><meta charset="utf-8"><title>panel</title><style>body{margin:0}#panel{height:100vh}</style><div id="panel"></div><script type="module">${script}</script>`
  } finally {
    await bundle.close()
  }
}
