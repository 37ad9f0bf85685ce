import type { GoTrueContext } from '../gotrue/context.ts'
import { createMailbox } from '../gotrue/mailbox.ts'
import { gotrueRoutes } from '../gotrue/routes.ts'
import { createUsers } from '../gotrue/users.ts'
import { createModel } from '../model/authorization-server.ts'
import { readFacts } from '../request-facts.ts'
import { openEntry } from '../request-log.ts'
import { findRoute } from '../routes.ts'
import { createSigner } from '../signing.ts'
import type { ReuseProfile } from '../model/reuse-profile.ts'
import { type Authority, createSecretMaker, type Question, type Reply, users as known } from './authority.ts'
import type { Chance } from './chance.ts'
import { readBody, readGoTrueRequest, writeGoTrueResponse } from './gotrue-wire.ts'
import { canary } from './leaks.ts'

/** Everybody's. */
export const password = `${canary}-password`

/**
 * A GoTrue server: the endpoints of the model, asked as the `gotrue()` provider asks them. One of version 1 wants addresses confirmed,
 * and a code for a new password; one of version 2 neither.
 */
export function createGoTrueAuthority(
  profile: ReuseProfile,
  lifetime: number,
  now: () => number,
  chance: Chance,
): Authority & { readonly context: GoTrueContext } {
  const issuer = 'https://id.explorer.test'
  const newSecret = createSecretMaker(chance)
  const isStrict = profile.name === 'gotrue-v1'
  const context: GoTrueContext = {
    settings: {
      issuer,
      siteUrl: 'https://app.explorer.test/',
      redirectUrls: null,
      tokens: isStrict ? 'v1' : 'v2',
      autoconfirm: !isStrict,
      secureEmailChange: false,
      reauthentication: isStrict,
      errors: 'current',
      // A signature is made elsewhere, so it is nothing that a scheduler could own.
      accessTokenFormat: 'opaque',
    },
    model: createModel({ profile, accessTokenTtl: lifetime, refreshTokenTtl: Infinity, now, newSecret }),
    signer: createSigner(),
    users: createUsers(
      known.map((user) => ({ ...user, password })),
      () => newSecret('sub'),
    ),
    mailbox: createMailbox(issuer, now, { newLink: () => newSecret('link'), newCode: () => newSecret('otp') }),
  }
  const { model, users, mailbox } = context

  async function answer({ endpoint, method, url, body, bearer }: Question): Promise<Reply> {
    if (endpoint === 'api') return said(model.checkAccess(bearer ?? '') ? 200 : 401, '')
    const route = findRoute(gotrueRoutes, method, url.pathname, '')
    if (!route) throw new TypeError(`GoTrue has no ${method} ${url.pathname}.`)
    const entry = openEntry(readFacts(model, route.endpoint, url.searchParams, bearer), 0, now())
    const exchange = { url, body: body === '' ? {} : readBody(body), bearer, isDated: false, entry }
    const response = await route.answer(context, exchange)
    if (typeof response === 'string') throw new TypeError('An endpoint always answers.')
    return said(response.status, await response.text(), entry.reused)
  }

  const messageOf = (secret: string): number => mailbox.letters.findIndex(({ code }) => code === secret)
  const loginOf = (secret: string): string | undefined =>
    (mailbox.letters[messageOf(secret)]?.record ?? users.find({ email: secret }))?.login

  return {
    model,
    users: users.all,
    context,
    read: readGoTrueRequest,
    answer,
    write: writeGoTrueResponse,
    idOf(secret) {
      const message = messageOf(secret)
      return model.find(secret)?.id ?? (message === -1 ? (loginOf(secret) ?? '?') : `message-${message + 1}`)
    },
    sessionOf: (secret) => model.find(secret)?.session ?? null,
    ownerOf: (secret) => model.find(secret)?.session.user.login ?? loginOf(secret) ?? null,
    isActive: (token) =>
      model.isActive(token) && !users.all.some(({ sub, banned }) => banned && sub === token.session.user.sub),
  }
}

function said(status: number, body: string, reused = false): Reply {
  const told = body === '' ? {} : readBody(body)
  const { access_token: access, refresh_token: refresh, expires_in: lifetime, error_code: error = null } = told
  const tokens = access === undefined ? null : { access, refresh, lifetime }
  return { status, error: error as string | null, tokens: tokens as Reply['tokens'], user: null, reused, body }
}
