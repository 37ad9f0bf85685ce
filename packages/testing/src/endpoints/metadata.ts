import { json } from '../answer.ts'
import type { Exchange, ServerContext } from './context.ts'

/** Discovery (OpenID Connect Discovery 1.0, section 4; RFC 8414). */
export function answerDiscovery(_: ServerContext, { issuer }: Exchange): Response {
  return json({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/revoke`,
    userinfo_endpoint: `${issuer}/userinfo`,
    end_session_endpoint: `${issuer}/logout`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
    authorization_response_iss_parameter_supported: true,
  })
}

/** The public key of what the server signs. */
export async function answerJwks({ signer }: ServerContext): Promise<Response> {
  return json(await signer.jwks())
}
