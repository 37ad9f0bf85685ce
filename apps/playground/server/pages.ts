import { readFileSync } from 'node:fs'
import { accounts } from './accounts.ts'

const style = readFileSync(new URL('./pages.css', import.meta.url), 'utf8')

const mark =
  '<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><rect width="24" height="24" rx="6" fill="#5b5bd6"/>' +
  '<path d="M6 17 12 6l6 11-6-3.2z" fill="#fff"/></svg>'

export interface LoginForm {
  /** Where the form goes. */
  readonly action: string
  /** What the login field holds at first. */
  readonly login: string
  /** Set after a wrong password. */
  readonly failed: boolean
}

/** The log-in page: a form, and the people of the playground, each with a button that signs in as them. */
export function renderLoginPage({ action, login, failed }: LoginForm): string {
  const people = accounts.map(
    (account) => `
      <li>
        <form method="post" action="${escape(action)}">
          <input type="hidden" name="login" value="${escape(account.login)}">
          <input type="hidden" name="password" value="${escape(account.password)}">
          <button class="person">
            <span class="initial" aria-hidden="true">${escape(account.name.charAt(0))}</span>
            <span class="who"><strong>${escape(account.name)}</strong>
              <span class="secret"><code>${escape(account.login)}</code> / <code>${escape(account.password)}</code></span></span>
            <span class="go" aria-hidden="true">→</span>
          </button>
        </form>
      </li>`,
  )
  return renderPage(
    'Sign in',
    `<p class="lead">to the <strong>Authflight playground</strong></p>
    ${failed ? '<p class="problem" role="alert" id="problem">No such user with this password. Try one of the people below.</p>' : ''}
    <form method="post" action="${escape(action)}" class="fields">
      <label for="login">User</label>
      <input id="login" name="login" value="${escape(login)}" autocomplete="username" autocapitalize="none"
        spellcheck="false" required${failed ? ' aria-describedby="problem"' : ''}${login ? '' : ' autofocus'}>
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password"
        required${failed ? ' aria-invalid="true" aria-describedby="problem"' : ''}${login ? ' autofocus' : ''}>
      <button class="primary">Sign in</button>
    </form>
    <h2>Or sign in as</h2>
    <ul class="people">${people.join('')}</ul>`,
    'This is a real OpenID provider that runs on your machine. Its users are made up, and it forgets everything when it stops.',
  )
}

/** @param form the provider's own form, id `op.logoutForm` */
export function renderSignOutPage(form: string): string {
  return renderPage(
    'Sign out?',
    `<p class="lead">This ends your session at the authorization server.</p>${form}
    <div class="choices">
      <button class="primary" form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>
      <button class="secondary" form="op.logoutForm">Stay signed in</button>
    </div>`,
  )
}

export function renderSignedOutPage(appUrl: string): string {
  return renderPage('Signed out', `<p class="lead">You are signed out.</p>${renderWayBack(appUrl)}`)
}

/** @param problem the OAuth error and its description; nothing that a user typed */
export function renderErrorPage(problem: Record<string, string>, appUrl: string): string {
  const rows = ['error', 'error_description']
    .filter((name) => problem[name])
    .map((name) => `<dt>${name}</dt><dd>${escape(problem[name] ?? '')}</dd>`)
  return renderPage(
    'That did not work',
    `<p class="lead">The authorization server could not serve this request. Start again from the playground.</p>
    <dl>${rows.join('')}</dl>${renderWayBack(appUrl)}`,
  )
}

function renderWayBack(appUrl: string): string {
  return `<a class="primary" href="${escape(appUrl)}/">Back to the playground</a>`
}

function renderPage(title: string, content: string, note = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} · Authflight playground</title>
  <link rel="icon" href="data:,">
  <style>${style}</style>
</head>
<body>
  <main>
    <div class="card">
      ${mark}
      <h1>${title}</h1>
      ${content}
    </div>
    ${note && `<p class="note">${note}</p>`}
  </main>
</body>
</html>`
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
