import { empty, json } from '../answer.ts'
import { type GoTrueContext, type GoTrueExchange, textOf } from './context.ts'
import { type Failure, failure, writeFailure } from './failure.ts'
import { authenticate } from './session.ts'
import { checkPassword, dataOf } from './sign-up.ts'
import { type UserRecord, writeUser } from './users.ts'

/** `/user`: who it is, or, with PUT, a change. */
export function answerUser(context: GoTrueContext, exchange: GoTrueExchange): Response {
  const access = authenticate(context, exchange)
  if ('code' in access) return writeFailure(context, exchange, access)
  const refused = change(context, exchange, access.user)
  return refused ? writeFailure(context, exchange, refused) : json(writeUser(access.user))
}

/** Why nothing was changed; null where all was. An empty body changes nothing. */
function change(context: GoTrueContext, exchange: GoTrueExchange, user: UserRecord): Failure | null {
  const { users, mailbox, settings } = context
  const [email, phone, password] = [textOf(exchange, 'email'), textOf(exchange, 'phone'), textOf(exchange, 'password')]
  if (email !== '' && email !== user.email && users.find({ email })) {
    return failure(422, 'email_exists', 'A user with this email address has already been registered')
  }
  if (phone !== '' && phone !== user.phone && users.find({ phone })) {
    return failure(422, 'phone_exists', 'A user with this phone number has already been registered')
  }
  if (password !== '') {
    const refused = checkPassword(password) ?? checkNonce(context, exchange, user)
    if (refused) return refused
    if (password === user.password)
      return failure(422, 'same_password', 'New password should be different from the old password.')
    user.password = password
  }
  user.metadata = { ...user.metadata, ...dataOf(exchange) }
  const challenge = textOf(exchange, 'code_challenge') || null
  const redirectTo = exchange.url.searchParams.get('redirect_to')
  const post = { record: user, redirectTo, challenge }
  if (email !== '' && email !== user.email) {
    if (settings.secureEmailChange && user.email !== '') mailbox.send({ ...post, kind: 'email_change', to: user.email })
    mailbox.send({ ...post, kind: 'email_change', to: email })
  }
  if (phone !== '' && phone !== user.phone) mailbox.send({ ...post, kind: 'phone_change', to: phone })
  return null
}

function checkNonce({ mailbox, settings }: GoTrueContext, exchange: GoTrueExchange, user: UserRecord): Failure | null {
  if (!settings.reauthentication) return null
  const nonce = textOf(exchange, 'nonce')
  if (nonce === '') return failure(400, 'reauthentication_needed', 'Password update requires reauthentication')
  const letter = mailbox.open('reauthentication', ({ record, code }) => record === user && code === nonce)
  return letter ? null : failure(422, 'reauthentication_not_valid', 'Nonce has expired or is invalid')
}

/** `/reauthenticate`: sends a code that a change of the password takes as `nonce`. */
export function answerReauthenticate(context: GoTrueContext, exchange: GoTrueExchange): Response {
  const access = authenticate(context, exchange)
  if ('code' in access) return writeFailure(context, exchange, access)
  const { user: record } = access
  const to = record.email || record.phone
  if (to === '') {
    const text = 'Reauthentication requires the user to have an email or a phone number'
    return writeFailure(context, exchange, failure(400, 'validation_failed', text))
  }
  context.mailbox.send({ kind: 'reauthentication', record, to, redirectTo: null, challenge: null })
  return json({})
}

/** `/logout`: this session, all of the user's, or all but this one. Default: all. */
export function answerLogout(context: GoTrueContext, exchange: GoTrueExchange): Response {
  const access = authenticate(context, exchange)
  if ('code' in access) return writeFailure(context, exchange, access)
  const { model } = context
  const scope = exchange.url.searchParams.get('scope') ?? 'global'
  const leaves = {
    local: (session: unknown) => session === access.session,
    others: (session: unknown) => session !== access.session,
    global: () => true,
  }
  if (!Object.hasOwn(leaves, scope)) {
    return writeFailure(context, exchange, failure(400, 'validation_failed', 'Unsupported logout scope'))
  }
  const mine = model.sessions.filter((session) => session.user.sub === access.user.sub)
  for (const session of mine.filter(leaves[scope as keyof typeof leaves])) model.endSession(session, 'signed_out')
  return empty(204)
}
