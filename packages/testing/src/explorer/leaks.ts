import { secretMark } from './chance.ts'
import { digestMark } from './tab.ts'

/** With this begins every token, code, subject, e-mail address and server text of a world. */
export const canary = 'canary'

/** Whether something that leaves the slot holds a secret: of the server's, of the client's own, or the digest of one. */
export function hasSecret(value: unknown): boolean {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.includes(canary) || text.includes(secretMark) || text.includes(digestMark)
}
