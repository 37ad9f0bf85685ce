import { type Answer, AuthError, isAuthError, type ProviderIo } from '@authflight/client'
import { threwBefore } from '@authflight/client/presentation'
import { isText } from './options.ts'

/**
 * Presents the token at the authorization server, once, and tells what came back: `provider.refresh(token, io)` of a provider of
 * `@authflight/client`, or your own. Send the token with `io.present`: it asks right before that whether the right to present is still
 * there, bounds the request, and has its span.
 */
export type Ask = (io: ProviderIo) => Promise<Answer>

const kinds: readonly unknown[] = ['tokens', 'refused', 'unreadable', 'silent'] satisfies Answer['kind'][]

/**
 * What an app's code answers. Whether it has sent the token itself cannot be seen from here: what it throws before `io.present` was called
 * counts as never sent only where it is an error of this library, as for a discovery that failed.
 */
export async function answerOf(ask: Ask, io: ProviderIo): Promise<Answer> {
  let isSent = false
  let isIdle = true
  try {
    const answer: unknown = await ask({
      ...io,
      fetch: (...request) => {
        isIdle = false
        return io.fetch(...request)
      },
      present: (...request) => {
        isSent = true
        return io.present(...request)
      },
    })
    return isAnswer(answer) ? answer : { kind: 'silent', cause: 'network', error: noAnswer() }
  } catch (error) {
    if (isSent || isAuthError(error)) throw error
    const fault = isIdle ? { error: threwBefore('The function given to refresh()', error) } : {}
    return { kind: 'silent', cause: 'network', ...fault }
  }
}

function isAnswer(value: unknown): value is Answer {
  if (typeof value !== 'object' || value === null || !kinds.includes((value as Answer).kind)) return false
  const { tokens } = value as { readonly tokens?: { readonly accessToken?: unknown } }
  return (value as Answer).kind !== 'tokens' || isText(tokens?.accessToken)
}

const noAnswer = (): AuthError =>
  new AuthError(
    'malformed_response',
    'The function given to refresh() must resolve with an Answer, such as { kind: "tokens", tokens }. What it gave is none, so the outcome is unknown.',
  )
