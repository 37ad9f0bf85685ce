/** Takes out of a style sheet what means nothing: spaces, quotes around words, zeros before a point. For sheets as they are written here: no comments, no strings with `;` or braces. */
export const squeeze = (sheet: string): string =>
  sheet
    .replace(/([;:,]) /g, '$1')
    .replace(/ \{\s/g, '{')
    .replace(/;?\s+\}/g, '}')
    .replace(/\n\s*/g, '')
    .replace(/='([a-z][\w-]*)'\]/g, '=$1]')
    .replace(/(?<=[\s:,(])0\./g, '.')

/** For the build: people read the sheets here, browsers there, and no bundler of an app takes the spaces out of a text. */
export const squeezeStyles = {
  name: 'squeeze-styles',
  transform: {
    filter: { id: /styles\.ts$/ },
    handler: (code: string) => ({ code: code.replace(/`[^`]+`/g, squeeze), map: { mappings: '' as const } }),
  },
}
