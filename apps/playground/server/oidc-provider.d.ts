/** The part of oidc-provider 9 that the playground uses; the package brings no types. */
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export interface AdapterPayload {
    uid?: string
    grantId?: string
    exp?: number
    consumed?: unknown
  }

  export interface Adapter {
    upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void>
    find(id: string): Promise<AdapterPayload | undefined>
    findByUid(uid: string): Promise<AdapterPayload | undefined>
    findByUserCode(userCode: string): Promise<AdapterPayload | undefined>
    consume(id: string): Promise<void>
    destroy(id: string): Promise<void>
    revokeByGrantId(grantId: string): Promise<void>
  }

  /** A Koa context. `oidc` is there once one of the provider's own routes has been matched. */
  export interface Context {
    req: IncomingMessage
    readonly res: ServerResponse
    readonly method: string
    readonly path: string
    readonly state: Record<string, unknown>
    readonly oidc: {
      readonly provider: Provider
      readonly account: { readonly accountId: string }
      readonly client: { readonly clientId: string; grantTypeAllowed(grant: string): boolean }
    }
    status: number
    type: string
    body: unknown
    /** False leaves the answer to somebody else. */
    respond?: boolean
    get(header: string): string
    set(header: string, value: string): void
    vary(header: string): void
  }

  export interface Interaction {
    readonly uid: string
    readonly prompt: { readonly name: string }
    readonly params: Readonly<Record<string, unknown>>
  }

  export interface Grant {
    addOIDCScope(scope: string): void
    addResourceScope(resource: string, scope: string): void
    save(): Promise<string>
  }

  export type Middleware = (context: Context, next: () => Promise<void>) => Promise<void> | void

  export default class Provider {
    constructor(issuer: string, configuration: object)
    readonly Grant: new (properties: { accountId: string; clientId: string }) => Grant
    proxy: boolean
    use(middleware: Middleware): this
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>
    interactionResult(request: IncomingMessage, response: ServerResponse, result: object): Promise<string>
    on(event: string, listener: (...values: never[]) => void): this
  }
}
