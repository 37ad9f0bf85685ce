import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { expect, it } from 'vitest'

/** An app that asks for the panel and gives it a control, as a bundler makes it for `mode`. */
async function buildApp(mode: 'production' | 'development'): Promise<string> {
  const production = fileURLToPath(new URL('../../src/production/index.ts', import.meta.url))
  const app = `
    import { createElement } from 'react'
    import { AuthDevtools, AuthDevtoolsPanel } from ${JSON.stringify(production)}
    const controls = [{ label: 'Refresh', run() {} }]
    export const parts = [createElement(AuthDevtools, { controls }), createElement(AuthDevtoolsPanel, { controls })]`
  const bundle = await rolldown({
    input: 'app.tsx',
    platform: 'browser',
    external: [/^react/, /^@opentelemetry/, /^@tanstack/, /^lucide/, /^tinykeys/],
    transform: { define: { 'process.env.NODE_ENV': JSON.stringify(mode) } },
    resolve: { conditionNames: ['@authflight/source', 'browser', 'import', 'default'] },
    plugins: [
      { name: 'app', resolveId: (id) => (id === 'app.tsx' ? id : null), load: (id) => (id === 'app.tsx' ? app : null) },
    ],
  })
  try {
    const { output } = await bundle.generate({ format: 'esm', minify: true })
    return output.map((file) => (file.type === 'chunk' ? file.code : '')).join('\n')
  } finally {
    await bundle.close()
  }
}

/** What stands in the panel, and what it says to a screen reader of the controls. */
const holds = (code: string) => ['Auth devtools', 'Act on the app'].map((words) => code.includes(words))

it('a production build that asks for the panel has it without what acts on the app', async () => {
  expect(holds(await buildApp('development'))).toEqual([true, true])
  expect(holds(await buildApp('production'))).toEqual([true, false])
})
