/** The instrumentation scope of every span. A test holds it equal to package.json. */
export const name = '@authflight/client'
export const version = '0.0.0'
/** The version of OpenTelemetry's conventions that names without our prefix follow. */
export const schemaUrl = 'https://opentelemetry.io/schemas/1.37.0'
