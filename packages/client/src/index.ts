export type { Account, AuthAccount, AuthClient, SignOutOptions, Unsubscribe } from './auth-client.ts'
export { createAuthClient } from './client.ts'
export type { AuthClientOptions } from './options.ts'
export type { CallOptions } from './base/call-options.ts'
export type { SessionTokens } from './accounts/set-session.ts'
export type { AutoRefreshMode } from './accounts/auto-refresh.ts'
export type { AuthEvent, AuthEventDetails, AuthEventHandler } from './accounts/events.ts'
export type { AuthSnapshot, Session, SignedOutReason, User } from './base/session.ts'
export {
  AuthApiError,
  AuthClientDisposedError,
  AuthError,
  type AuthErrorCode,
  AuthRefreshDiscardedError,
  type AuthResult,
  AuthRetryableFetchError,
  AuthSessionMissingError,
  type DiscardReason,
  isAuthApiError,
  isAuthClientDisposedError,
  isAuthError,
  isAuthRefreshDiscardedError,
  isAuthRetryableFetchError,
  isAuthSessionMissingError,
  type SessionResult,
  type SignInResult,
} from './base/errors.ts'
export { cookieStore, type CookieOptions } from './storage/cookie.ts'
export { indexedDbStore } from './storage/indexeddb.ts'
export { keyValueStore, type KeyValueStorage } from './storage/key-value.ts'
export { memoryStore } from './storage/memory.ts'
export type { Scope, Store, View } from './storage/store.ts'
export { webStorageStore } from './storage/web-storage.ts'
export type {
  Answer,
  AskAboutUser,
  AskForUser,
  Binding,
  Callback,
  Departing,
  LeavingTokens,
  PlainIo,
  Provider,
  ProviderContext,
  ProviderIo,
  Return,
  ReturnOptions,
  ReuseProfile,
  SignInOptions,
  SignOutScope,
  TokenSet,
  UserAnswer,
  Waiting,
} from './providers/provider.ts'
export { recorderHook, type RecorderHook, type RecordSource } from './telemetry/hook.ts'
export type {
  AttributeValue,
  AuthRecord,
  OperationName,
  PointName,
  RecordAttributes,
  RecordLink,
} from './telemetry/record.ts'
