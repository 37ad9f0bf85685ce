// instrumentation.ts: Next.js calls this once, before the server takes requests.
export async function register(): Promise<void> {
  // The edge runtime is no Node: there the spans of Authflight need an SDK that is made for it.
  if (process.env['NEXT_RUNTIME'] !== 'nodejs') return
  const { startTelemetry } = await import('@authflight/telemetry/node')
  const telemetry = startTelemetry({ serviceName: 'shop' })
  // Otherwise Next.js ends the process itself, and does not wait for this.
  if (process.env['NEXT_MANUAL_SIG_HANDLE']) {
    process.once('SIGTERM', () => void telemetry.shutdown().then(() => process.exit()))
  }
}
