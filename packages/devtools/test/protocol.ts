import { cdp } from 'vitest/browser'

/** Asks the browser what a page cannot, by the DevTools protocol. */
export function send<T = unknown>(method: string, params: object = {}): Promise<T> {
  const session = cdp() as unknown as { send(method: string, params: object): Promise<T> }
  return session.send(method, params)
}
