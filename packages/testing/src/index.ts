export type { Answer, NetworkFailure } from './answer.ts'
export type { Access, AuthServer, AuthServerOptions, SignInOptions, Whose } from './auth-server.ts'
export type { Consent } from './endpoints/authorization.ts'
export type { TokenAnswer } from './endpoints/token.ts'
export type { Faults } from './fault-board.ts'
export {
  alterAnswer,
  blocked,
  busy,
  compose,
  contention,
  delayAnswer,
  delayRequest,
  emptyAnswer,
  gotrueFailure,
  htmlAnswer,
  invalidClient,
  invalidDpopProof,
  invalidGrant,
  invalidScope,
  loseAnswer,
  loseRequest,
  oauthFailure,
  redirected,
  refuse,
  serverError,
  unauthorizedClient,
  demandDpopNonce,
  withExpiresIn,
  withoutAccessToken,
  withoutRefreshToken,
  type Fault,
} from './faults.ts'
export type { Gate, GateSide } from './gate.ts'
export type { GoTrueServer, GoTrueServerOptions } from './gotrue/gotrue-server.ts'
export type { Message, MessageKind } from './gotrue/mailbox.ts'
export { createGoTrueServer } from './gotrue/server.ts'
export type { GoTrueSession } from './gotrue/session.ts'
export type { GoTrueUser } from './gotrue/users.ts'
export type { TestUser } from './model/session.ts'
export type { ReuseProfile, ReuseProfileName } from './model/reuse-profile.ts'
export type { Endpoint, GrantType, RequestFacts, RequestMatch } from './request-facts.ts'
export type { LogEntry } from './request-log.ts'
export { createAuthServer } from './server.ts'
