/** The name under which each copy of the OpenTelemetry API looks for what another one has registered. */
const mark = 'opentelemetry.js.api.'

/**
 * Packages that have a copy of the OpenTelemetry API in them, one sentence each. With two copies in an app the spans can vanish in silence.
 *
 * @param {string} api the API's own code, to be sure that the mark is one
 * @param {{ name: string, code: string }[]} packages as built
 * @returns {string[]}
 */
export function findBundledApi(api, packages) {
  if (!api.includes(mark)) return [`@opentelemetry/api has no "${mark}" in it any more: name another mark of it.`]
  return packages
    .filter(({ code }) => code.includes(mark))
    .map(({ name }) => `${name} holds a copy of @opentelemetry/api.`)
}
