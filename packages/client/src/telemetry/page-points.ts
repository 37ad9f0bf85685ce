import type { PageSignal } from '../realm/page.ts'
import type { Telemetry } from './operation.ts'

/** Notes what the page went through: a refresh that took an hour is no riddle beside "frozen". */
export function recordPage(telemetry: Telemetry, signal: PageSignal): void {
  if (signal === 'online' || signal === 'offline')
    telemetry.point('authflight.record.network', { 'authflight.network.state': signal })
  else if (signal !== 'focus' && signal !== 'pagehide' && signal !== 'pageshow')
    telemetry.point('authflight.record.page_state', {
      'authflight.page.state': signal === 'restored' ? 'bfcache' : signal,
    })
}
