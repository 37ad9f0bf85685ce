import { json } from '../answer.ts'
import { type GoTrueContext, type GoTrueExchange, textOf } from './context.ts'
import { type Failure, failure, writeFailure } from './failure.ts'
import { openSession } from './session.ts'
import { type UserRecord, writeUser } from './users.ts'

/** `/signup`: with a password, or, without an address, anonymously. */
export async function answerSignUp(context: GoTrueContext, exchange: GoTrueExchange): Promise<Response> {
  const { users, settings } = context
  const metadata = dataOf(exchange)
  const [email, phone, password] = [textOf(exchange, 'email'), textOf(exchange, 'phone'), textOf(exchange, 'password')]
  if (email === '' && phone === '') {
    return json(await openSession(context, users.add({ anonymous: true, confirmed: true, metadata })))
  }
  const weak = checkPassword(password)
  if (weak) return writeFailure(context, exchange, weak)
  const known = users.find({ email, phone })
  if (known?.confirmed) {
    if (settings.autoconfirm) {
      return writeFailure(context, exchange, failure(422, 'user_already_exists', 'User already registered'))
    }
    // Nobody learns who has signed up: the user that is told of does not exist.
    return json({ ...writeUser({ ...known, metadata, confirmed: false }), id: crypto.randomUUID() })
  }
  const user = known ?? users.add({ email, phone, password, metadata, confirmed: settings.autoconfirm })
  if (user.confirmed) return json(await openSession(context, user))
  send(context, exchange, user, email === '' ? 'sms' : 'signup')
  return json(writeUser(user))
}

/** `/otp`: a code, and a link where it goes by e-mail. */
export function answerOtp(context: GoTrueContext, exchange: GoTrueExchange): Response {
  const { users } = context
  const [email, phone] = [textOf(exchange, 'email'), textOf(exchange, 'phone')]
  if ((email === '') === (phone === '')) {
    return writeFailure(context, exchange, failure(400, 'validation_failed', 'One of email or phone must be set'))
  }
  const known = users.find({ email, phone })
  if (!known && exchange.body.create_user === false) {
    return writeFailure(context, exchange, failure(422, 'otp_disabled', 'Signups not allowed for otp'))
  }
  const user = known ?? users.add({ email, phone, metadata: dataOf(exchange) })
  send(context, exchange, user, phone === '' ? (user.confirmed ? 'magiclink' : 'signup') : 'sms')
  return json({})
}

/** `/recover`: the same answer whether there is such a user or not. */
export function answerRecover(context: GoTrueContext, exchange: GoTrueExchange): Response {
  const user = context.users.find({ email: exchange.body.email })
  if (user) send(context, exchange, user, 'recovery')
  return json({})
}

function send(
  { mailbox }: GoTrueContext,
  exchange: GoTrueExchange,
  record: UserRecord,
  kind: 'signup' | 'magiclink' | 'recovery' | 'sms',
): void {
  const challenge = textOf(exchange, 'code_challenge') || null
  const redirectTo = exchange.url.searchParams.get('redirect_to')
  mailbox.send({ kind, record, to: kind === 'sms' ? record.phone : record.email, redirectTo, challenge })
}

export const dataOf = ({ body }: GoTrueExchange): Record<string, unknown> =>
  typeof body.data === 'object' && body.data !== null ? { ...body.data } : {}

/** Null: it will do. */
export const checkPassword = (password: string): Failure | null =>
  password.length < 6
    ? failure(422, 'weak_password', 'Password should be at least 6 characters.', {
        weak_password: { reasons: ['length'] },
      })
    : null
