import type Provider from 'oidc-provider'
import type { Context, Interaction, Middleware } from 'oidc-provider'
import { findByPassword } from './accounts.ts'
import { readBody } from './http.ts'
import { renderErrorPage, renderLoginPage } from './pages.ts'

const longestForm = 4096

/** Serves the log-in page, where the provider sends a browser it does not know. */
export function serveLogin(provider: Provider, appUrl: string): Middleware {
  return async (context, next) => {
    if (!context.path.startsWith('/interaction/')) return next()
    protect(context, appUrl)
    const interaction = await provider.interactionDetails(context.req, context.res).catch(() => undefined)
    if (!interaction) {
      const error_description = 'This sign-in has expired, or was started in another browser.'
      return show(context, 400, renderErrorPage({ error: 'invalid_request', error_description }, appUrl))
    }
    // A client may ask for consent. Here every grant is given, so the answer is yes.
    if (interaction.prompt.name !== 'login') return finish(provider, context, { consent: {} })
    if (context.method !== 'POST') return ask(context, interaction, hintOf(interaction), false)

    const form = new URLSearchParams((await readBody(context.req, longestForm)).toString())
    const login = form.get('login') ?? ''
    const account = findByPassword(login, form.get('password') ?? '')
    if (!account) return ask(context, interaction, login, true)
    return finish(provider, context, { login: { accountId: account.subject } })
  }
}

function ask(context: Context, { uid }: Interaction, login: string, failed: boolean) {
  show(context, failed ? 401 : 200, renderLoginPage({ action: `/interaction/${uid}`, login, failed }))
}

async function finish(provider: Provider, context: Context, result: object) {
  const returnTo = await provider.interactionResult(context.req, context.res, result)
  context.status = 303
  context.set('Location', returnTo)
  context.body = ''
}

function hintOf({ params }: Interaction): string {
  return typeof params['login_hint'] === 'string' ? params['login_hint'] : ''
}

function show(context: Context, status: number, html: string) {
  context.status = status
  context.type = 'html'
  context.body = html
}

/** `form-action` names the page too, because the form's answer leads there by redirects. */
function protect(context: Context, appUrl: string) {
  context.set('Cache-Control', 'no-store')
  context.set('Referrer-Policy', 'no-referrer')
  context.set(
    'Content-Security-Policy',
    `default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self' ${appUrl}; ` +
      `base-uri 'none'; frame-ancestors 'none'`,
  )
}
