/** The instrumentation scope of every span. A test holds it equal to package.json. */
export const name = '@authflight/client'
export const version = '0.0.0'
