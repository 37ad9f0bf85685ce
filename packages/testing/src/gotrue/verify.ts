import { json, redirectTo } from '../answer.ts'
import { type GoTrueContext, type GoTrueExchange, textOf } from './context.ts'
import { failure, writeFailure } from './failure.ts'
import type { Letter } from './mailbox.ts'
import { openSession } from './session.ts'
import { wayBack } from './way-back.ts'

const expired = failure(403, 'otp_expired', 'Token has expired or is invalid')
const halfway = 'Confirmation link accepted. Please proceed to confirm link sent to the other email'

/** `POST /verify`: a code with the address it went to, or the `token_hash` of a link. */
export async function answerVerify(context: GoTrueContext, exchange: GoTrueExchange): Promise<Response> {
  const [code, tokenHash] = [textOf(exchange, 'token'), textOf(exchange, 'token_hash')]
  if ((code === '') === (tokenHash === '')) {
    return writeFailure(
      context,
      exchange,
      failure(400, 'validation_failed', 'Verify requires either a token or a token hash'),
    )
  }
  const to = (textOf(exchange, 'email') || textOf(exchange, 'phone')).toLowerCase()
  const letter = context.mailbox.open(textOf(exchange, 'type'), (one) =>
    code === '' ? one.tokenHash === tokenHash : one.code === code && one.to.toLowerCase() === to,
  )
  if (!letter) return writeFailure(context, exchange, expired)
  if (letter.record.banned) return writeFailure(context, exchange, failure(403, 'user_banned', 'User is banned'))
  return confirm(context, letter)
    ? json(await openSession(context, letter.record))
    : json({ msg: halfway, code: '200' })
}

/** `GET /verify`: a click on a link. It leads back to the app, with a code where PKCE was asked for, else with a session in the hash. */
export async function answerLink(context: GoTrueContext, { url }: GoTrueExchange): Promise<Response> {
  const { model, mailbox, settings } = context
  const hash = url.searchParams.get('token') ?? ''
  const back = wayBack(settings, url.searchParams.get('redirect_to'))
  const letter = mailbox.open(url.searchParams.get('type') ?? '', (one) => one.tokenHash === hash)
  if (!letter) {
    const told = {
      error: 'access_denied',
      error_code: expired.code,
      error_description: 'Email link is invalid or has expired',
    }
    if (hash.startsWith('pkce_')) for (const [name, value] of Object.entries(told)) back.searchParams.set(name, value)
    back.hash = new URLSearchParams({ ...told, sb: '' }).toString()
    return redirectTo(back.href)
  }
  if (!confirm(context, letter)) {
    if (letter.challenge !== null) back.searchParams.set('message', halfway)
    back.hash = new URLSearchParams({ message: halfway, sb: '' }).toString()
    return redirectTo(back.href)
  }
  if (letter.challenge === null) {
    const { user: _, ...session } = await openSession(context, letter.record)
    const fields = Object.entries(session).map(([name, value]): [string, string] => [name, String(value)])
    back.hash = new URLSearchParams([...fields, ['sb', ''], ['type', letter.kind]]).toString()
    return redirectTo(back.href)
  }
  const code = model.issueCode({
    user: letter.record,
    clientId: 'gotrue',
    redirectUri: '',
    scope: '',
    resource: null,
    nonce: null,
    challenge: letter.challenge,
  })
  back.searchParams.set('code', code.value)
  return redirectTo(back.href)
}

/** What a code has shown: whose the address is. False where the other address of a change has to be confirmed as well. */
function confirm({ mailbox, settings }: GoTrueContext, { kind, record, to }: Letter): boolean {
  if (kind === 'phone_change') record.phone = to
  if (kind === 'email_change') {
    const isOther = (one: Letter): boolean => one.kind === kind && one.record === record && !one.spent
    if (settings.secureEmailChange && mailbox.letters.some(isOther)) return false
    record.email =
      mailbox.letters.findLast((one) => one.kind === kind && one.record === record && one.to !== record.email)?.to ?? to
  }
  record.confirmed = true
  return true
}
