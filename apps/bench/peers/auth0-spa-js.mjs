import { Auth0Client } from '@auth0/auth0-spa-js'

/** For those who measure its size. */
export { Auth0Client } from '@auth0/auth0-spa-js'

/**
 * @param {import('../src/clients/subject.ts').Place} place
 * @returns {import('../src/clients/subject.ts').Subject}
 */
export function create({ issuer, clientId, authorize }) {
  const isPage = typeof window !== 'undefined'
  if (!isPage) pretendToBeAPage()
  const auth = new Auth0Client({
    domain: issuer,
    clientId,
    cacheLocation: isPage ? 'localstorage' : 'memory',
    useRefreshTokens: true,
    useRefreshTokensFallback: false,
    authorizationParams: { redirect_uri: isPage ? window.location.origin : 'https://app.example.test/' },
  })
  return {
    async signIn() {
      let callback = ''
      await auth.loginWithRedirect({
        async openUrl(url) {
          callback = await authorize(url)
        },
      })
      await auth.handleRedirectCallback(callback)
    },
    ask: () => auth.getTokenSilently(),
    /** @param {string | undefined} token */
    tokenOf: (token) => token ?? null,
  }
}

/** It takes a browser for granted. What it touches of one in the course of a refresh, and no more. */
function pretendToBeAPage() {
  /** @type {Map<string, string>} */
  const items = new Map()
  Object.assign(globalThis, {
    window: {
      location: new URL('https://app.example.test/'),
      crypto,
      btoa,
      atob,
      /** @type {typeof fetch} */
      fetch: (...request) => fetch(...request),
      addEventListener() {},
      removeEventListener() {},
    },
    document: { cookie: '' },
    sessionStorage: {
      /** @param {string} key */
      getItem: (key) => items.get(key) ?? null,
      /** @param {string} key @param {string} value */
      setItem: (key, value) => void items.set(key, value),
      /** @param {string} key */
      removeItem: (key) => void items.delete(key),
    },
  })
}
