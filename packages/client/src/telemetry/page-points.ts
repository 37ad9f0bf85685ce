import type { PageSignal } from '../page.ts'
import type { Telemetry } from './operation.ts'

/** Notes what the page went through: a refresh that took an hour is no riddle beside "frozen". */
export function recordPage(telemetry: Telemetry, signal: PageSignal): void {
  switch (signal) {
    case 'online':
    case 'offline':
      return telemetry.point('authflight.record.network', { 'authflight.network.state': signal })
    case 'focus':
    case 'pagehide':
    case 'pageshow':
      return
    default:
      telemetry.point('authflight.record.page_state', {
        'authflight.page.state': signal === 'restored' ? 'bfcache' : signal,
      })
  }
}
