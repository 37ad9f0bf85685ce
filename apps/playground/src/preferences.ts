/** What this tab remembers over a sign-in's redirects: the address does not keep its parameters on that way. */

const key = 'authflight-playground.auto-refresh'

/** On, unless the address says `?autoRefresh=off` or the switch was turned off in this tab. */
export function readAutoRefresh(): boolean {
  const asked = new URLSearchParams(location.search).get('autoRefresh')
  if (asked) writeAutoRefresh(asked !== 'off')
  return sessionStorage.getItem(key) !== 'off'
}

export function writeAutoRefresh(on: boolean): void {
  sessionStorage.setItem(key, on ? 'on' : 'off')
}
