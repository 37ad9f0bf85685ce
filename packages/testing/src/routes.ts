import { answerAuthorization } from './endpoints/authorization.ts'
import type { EndpointHandler } from './endpoints/context.ts'
import { answerDiscovery, answerJwks } from './endpoints/metadata.ts'
import { answerEndSession, answerRevocation, answerUserinfo } from './endpoints/session.ts'
import { answerToken } from './endpoints/token.ts'
import type { Endpoint } from './request-facts.ts'

/** Where an endpoint is. */
export interface Place {
  readonly endpoint: Endpoint
  readonly methods: readonly ('get' | 'post' | 'put')[]
  /** Below the issuer's path. */
  readonly path: string
}

export interface Route extends Place {
  readonly answer: EndpointHandler
}

export const routes: readonly Route[] = [
  { endpoint: 'discovery', methods: ['get'], path: '/.well-known/openid-configuration', answer: answerDiscovery },
  { endpoint: 'discovery', methods: ['get'], path: '/.well-known/oauth-authorization-server', answer: answerDiscovery },
  { endpoint: 'jwks', methods: ['get'], path: '/jwks', answer: answerJwks },
  { endpoint: 'authorization', methods: ['get', 'post'], path: '/authorize', answer: answerAuthorization },
  { endpoint: 'token', methods: ['post'], path: '/token', answer: answerToken },
  { endpoint: 'revocation', methods: ['post'], path: '/revoke', answer: answerRevocation },
  { endpoint: 'userinfo', methods: ['get', 'post'], path: '/userinfo', answer: answerUserinfo },
  { endpoint: 'end_session', methods: ['get', 'post'], path: '/logout', answer: answerEndSession },
]

export function findRoute<R extends Place>(
  routes: readonly R[],
  method: string,
  pathname: string,
  basePath: string,
): R | undefined {
  return routes.find(
    (route) =>
      basePath + route.path === pathname &&
      route.methods.some((allowed) => allowed.toUpperCase() === method.toUpperCase()),
  )
}
