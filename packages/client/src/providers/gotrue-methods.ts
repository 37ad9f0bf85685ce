import type { CallOptions } from '../base/call-options.ts'
import { checkNames } from '../base/option-names.ts'
import type { User } from '../base/session.ts'
import { createComeback, withQuery } from './gotrue-comeback.ts'
import { type GoTrueMethods, requestNames, type UserAndSession } from './gotrue-requests.ts'
import { type GoTrueServer, readUser, security, toAnswer, toUser } from './gotrue-server.ts'
import type { Answer, PlainIo, ProviderContext, Return, ReturnOptions, SignInOptions } from './provider.ts'

/** What an answer may bring in the place of a session: a user whose address is not confirmed, and what the link in a message comes back to. */
interface Unfinished {
  readonly kind: 'unfinished'
  readonly user: User | null
  readonly back: Return | null
}

/** Called where what it throws becomes the `error` of a result. */
const check = (method: Exclude<keyof typeof requestNames, 'signIn'>, request: object | null | undefined): void =>
  checkNames(request ?? {}, requestNames[method], `${method}(): `)

/** `redirectTo`: where links come back to; undefined: nowhere. */
export function createMethods(
  server: GoTrueServer,
  redirectTo: () => string | undefined,
  context: ProviderContext,
): GoTrueMethods {
  /** Signs in with what may turn out to be no more than a step on the way. */
  async function enter(
    ask: (io: PlainIo) => Promise<Answer | Unfinished>,
    options: SignInOptions & ReturnOptions,
    call?: CallOptions,
  ): Promise<UserAndSession> {
    const seen: { unfinished: Unfinished | null } = { unfinished: null }
    const { data, error } = await context.signIn(
      async (io) => {
        const answer = await ask(io)
        if (answer.kind !== 'unfinished') return answer
        seen.unfinished = answer
        return { kind: 'waiting', back: answer.back }
      },
      options,
      call,
    )
    if (seen.unfinished && !error) return { data: { user: seen.unfinished.user, session: null }, error }
    return { data: { user: data.session?.user ?? null, session: data.session }, error }
  }

  return {
    signUp(request, call) {
      const { email, phone, password, data, channel, captchaToken, ...options } = request ?? {}
      return enter(
        async (io) => {
          check('signUp', request)
          const { back, query, challenge } = await createComeback(email === undefined ? undefined : redirectTo())
          const body = { email, phone, password, data: data ?? {}, channel, ...challenge, ...security(captchaToken) }
          const answer = await server.askFor({ method: 'POST', path: withQuery('/signup', query), body }, io)
          if (answer.kind !== 'json' || 'access_token' in answer.json) return toAnswer(answer)
          const user = toUser(answer.json.user ?? answer.json)
          return user ? { kind: 'unfinished', user, back } : toAnswer(answer)
        },
        options,
        call,
      )
    },

    verifyOtp(proof, call) {
      const { add = false, tokenHash, ...rest } = { tokenHash: undefined, ...proof }
      return enter(
        async (io) => {
          check('verifyOtp', proof)
          const body = { ...rest, token_hash: tokenHash }
          const answer = await server.askFor({ method: 'POST', path: '/verify', body }, io)
          // Of an e-mail address that changes both the old and the new one are asked: the first brings no session.
          const isHalf = answer.kind === 'json' && !('access_token' in answer.json) && 'msg' in answer.json
          return isHalf ? { kind: 'unfinished', user: null, back: null } : toAnswer(answer)
        },
        { add },
        call,
      )
    },

    updateUser(wanted, call) {
      const { returnTo, currentPassword, ...changes } = wanted ?? {}
      const comeback = { query: {}, challenge: {} }
      const leaving =
        changes.email === undefined
          ? null
          : context.signIn(
              async () => {
                check('updateUser', wanted)
                const { back, ...rest } = await createComeback(redirectTo())
                Object.assign(comeback, rest)
                return { kind: 'waiting', back }
              },
              returnTo === undefined ? {} : { returnTo },
              call,
            )
      // Asked for at once: who is shown now is changed, whoever is when all is ready to leave.
      return context.changeUser(async (accessToken, io) => {
        check('updateUser', wanted)
        const left = await leaving
        if (left?.error) throw left.error
        const path = withQuery('/user', comeback.query)
        const body = { ...changes, current_password: currentPassword, ...comeback.challenge }
        const answer = await server.askFor({ method: 'PUT', path, body, accessToken }, io)
        return answer.kind === 'json' ? readUser(answer.json) : answer
      }, call)
    },

    reauthenticate: (call) =>
      context.request(async (accessToken, io) => {
        const answer = await server.askFor({ method: 'GET', path: '/reauthenticate', accessToken }, io)
        return answer.kind === 'json' ? { kind: 'done' } : answer
      }, call),

    async resetPasswordForEmail(email, request, call) {
      const { captchaToken, ...options } = request ?? {}
      const { error } = await context.signIn(
        async (io) => {
          check('resetPasswordForEmail', request)
          const { back, query, challenge } = await createComeback(redirectTo())
          const body = { email, ...challenge, ...security(captchaToken) }
          const answer = await server.askFor({ method: 'POST', path: withQuery('/recover', query), body }, io)
          return answer.kind === 'json' ? { kind: 'waiting', back } : answer
        },
        options,
        call,
      )
      return { data: {}, error }
    },
  }
}
