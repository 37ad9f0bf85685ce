import { AuthError } from '../base/errors.ts'
import type { Page } from '../realm/page.ts'
import { asStorageError } from '../storage/fault.ts'
import { guarded } from '../base/guarded.ts'
import { leavesAddress, type SignedIn } from './sign-in.ts'

/**
 * What a callback adds to the address, and what must not stay in it (RFC 6749 4.1.2, RFC 9207, OpenID Connect Session Management;
 * `error_code` is GoTrue's, which tells its errors in the hash as well, and sends some sessions there).
 */
const callbackParameters = [
  'code',
  'state',
  'iss',
  'error',
  'error_code',
  'error_description',
  'error_uri',
  'session_state',
]

/**
 * Finishes the sign-in that an address tells of; null where it tells of none. Moves no page of a client that is disposed of meanwhile, nor,
 * for an error, one that is elsewhere: a callback may be handed over.
 * @throws {AuthError}
 */
export async function finishSignIn(
  page: Page,
  url: URL,
  isDisposed: () => boolean,
  complete: () => Promise<SignedIn | null>,
): Promise<SignedIn | null> {
  try {
    const signedIn = await complete()
    if (signedIn && !isDisposed()) replaceAddress(page, signedIn.returnTo)
    return signedIn
  } catch (error) {
    if (!isDisposed() && !leavesAddress.has(error as AuthError)) cleanAddress(page, url)
    throw asStorageError(error)
  }
}

/**
 * Where to go after a sign-in.
 * @throws {AuthError} `invalid_option` for another origin: a sign-in must not become a way to send people elsewhere.
 */
export function checkReturnTo({ href }: Pick<Page, 'href'>, returnTo: string | undefined): string {
  if (href === null) return returnTo ?? '/'
  const here = new URL(href)
  if (!returnTo) return mayBeCallback(here) ? withoutCallback(here) : href
  const url = URL.canParse(returnTo, href) ? new URL(returnTo, href) : null
  // Not by its origin alone: with a password, or as a blob, an address is no way back, and the page would keep the code.
  if (url?.href.startsWith(`${here.origin}/`)) return url.href
  throw new AuthError('invalid_option', '`returnTo` must be an address of this origin, such as /orders.')
}

/** Anybody's: a code must not be kept. An app's own parameters may have any of these names, but hardly two that belong together. */
function mayBeCallback({ searchParams, hash }: URL): boolean {
  const has = (...names: readonly string[]): boolean => names.some((name) => searchParams.has(name))
  const isAnswer = has('code', 'error', 'error_code') && has('state', 'iss', 'error_description')
  return isAnswer || isAnswerIn(hash)
}

/** GoTrue tells errors in the hash as well, and gives tokens there to who comes by a link of its own making. */
function isAnswerIn(hash: string): boolean {
  const told = new URLSearchParams(hash.slice(1))
  return ['error_description', 'access_token'].some((name) => told.has(name))
}

/** Where the page is still at the callback; a router may have added a hash. */
function cleanAddress(page: Page, { pathname, search }: URL): void {
  const here = new URL(page.href ?? 'about:blank')
  if (here.pathname === pathname && here.search === search) replaceAddress(page, withoutCallback(here))
}

function withoutCallback(url: URL): string {
  const clean = new URL(url)
  for (const name of callbackParameters) clean.searchParams.delete(name)
  if (isAnswerIn(clean.hash)) clean.hash = ''
  return clean.href
}

/** The code must not stay in the history. A page that may not change its address keeps it; the code is used up anyway. */
function replaceAddress(page: Page, href: string): void {
  if (page.href !== null) guarded(() => page.replaceAddress(href))
}
