/** Where this page is, without query and hash; undefined outside pages: a worker has an address, and nobody can come back to it. */
export const addressOfPage = (): string | undefined =>
  typeof document === 'undefined' || typeof location === 'undefined'
    ? undefined
    : `${location.origin}${location.pathname}`

/** An address to which a secret may be sent: https, or http on this machine. Null for any other. */
export function readSecureAddress(address: unknown): URL | null {
  const url = typeof address === 'string' && URL.canParse(address) ? new URL(address) : null
  const local = url !== null && /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && local) ? url : null
}
