import { recall, remember } from './page-memory.ts'

const key = 'authflight-playground.auto-refresh'

/**
 * On, unless the address says `?autoRefresh=off` or the switch was turned off in this tab. The tab remembers it over a
 * sign-in's redirects, on which the address does not keep its parameters.
 */
export function readAutoRefresh(): boolean {
  const asked = new URLSearchParams(location.search).get('autoRefresh')
  if (asked) writeAutoRefresh(asked !== 'off')
  return (asked ?? recall('sessionStorage', key)) !== 'off'
}

/** On, unless the address says `?coordination=off`: for one load of one page, since nobody wants it for long. */
export const readCoordination = (): boolean => new URLSearchParams(location.search).get('coordination') !== 'off'

export function writeAutoRefresh(on: boolean): void {
  remember('sessionStorage', key, on ? 'on' : 'off')
}
