import { parseSync } from 'rolldown/utils'

/**
 * Lists what a module imports, re-exports and imports late. Types count as imports without values.
 *
 * @param {string} path decides whether it is read as TypeScript, and with JSX or not
 * @param {string} text
 * @returns {import('./arrows.mjs').Import[]}
 */
export function listImports(path, text) {
  const { module, errors } = parseSync(path, text)
  const problem = errors[0]
  if (problem) throw new SyntaxError(`${path}: ${problem.message}`)
  return [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      specifier: moduleRequest.value,
      values: entries.filter((entry) => !entry.isType).map((entry) => entry.importName.name ?? '*'),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType, importName }) =>
        moduleRequest ? [{ specifier: moduleRequest.value, values: isType ? [] : [importName.name ?? '*'] }] : [],
      ),
    ),
    ...module.dynamicImports.map(({ moduleRequest }) => ({
      specifier: text.slice(moduleRequest.start, moduleRequest.end).replace(/^['"`]|['"`]$/g, ''),
      values: ['*'],
    })),
  ]
}
