import * as oauth4 from 'oauth4webapi'
import { AuthError, AuthRetryableFetchError } from '../base/errors.ts'
import { busy, orOrigin } from './answers.ts'
import type { ProviderIo } from './provider.ts'

type Io = Pick<ProviderIo, 'fetch' | 'signal'>

/** How a request of the library goes out: through the client's fetch, within its limit, plain http only on this machine. */
export function transport(issuer: URL, through: typeof fetch, signal: AbortSignal) {
  return {
    [oauth4.customFetch]: (url: string, init: object) => through(url, init),
    [oauth4.allowInsecureRequests]: issuer.protocol === 'http:',
    signal,
  }
}

/** The provider's metadata, fetched once and kept; a failure is not kept (OpenID Connect Discovery 1.0, section 4). */
export function discover(issuer: URL): (io: Io) => Promise<oauth4.AuthorizationServer> {
  let known: { readonly metadata: Promise<oauth4.AuthorizationServer>; readonly signal: AbortSignal } | null = null
  return async function get(io) {
    const asked = (known ??= { metadata: ask(issuer, io), signal: io.signal })
    try {
      return await asked.metadata
    } catch (error) {
      if (known === asked) known = null
      // Whoever had begun to ask had less time than this one has.
      if (asked.signal.aborted && !io.signal.aborted) return get(io)
      throw error
    }
  }
}

async function ask(issuer: URL, io: Io): Promise<oauth4.AuthorizationServer> {
  const shown = `${issuer.origin}${issuer.pathname}`
  let response: Response
  try {
    response = await oauth4.discoveryRequest(issuer, transport(issuer, io.fetch, io.signal))
  } catch {
    throw new AuthRetryableFetchError(
      'provider_unreachable',
      `The provider at ${shown} could not be reached. Check that it runs and that the network is up${orOrigin('it')}.`,
    )
  }
  if (response.status >= 500 || busy.has(response.status)) {
    throw new AuthRetryableFetchError(
      'provider_unreachable',
      `The provider at ${shown} cannot answer now (${response.status}).`,
      {
        status: response.status,
      },
    )
  }
  let metadata: oauth4.AuthorizationServer
  try {
    metadata = await oauth4.processDiscoveryResponse(issuer, response)
  } catch {
    throw new AuthError(
      'provider_invalid',
      `What answers at ${shown} (${response.status}) is not the OpenID provider of this name. Check \`issuer\`: it must equal the ` +
        '"issuer" of the discovery document at its /.well-known/openid-configuration, to the letter.',
    )
  }
  if (metadata.token_endpoint && URL.canParse(metadata.token_endpoint)) return metadata
  throw new AuthError(
    'provider_invalid',
    `The provider at ${shown} names no token endpoint, so nobody can sign in through it.`,
  )
}
