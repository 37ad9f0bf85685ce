import type { Answer } from './answer.ts'

/**
 * `fetch` without a network. As the real one it rejects with a `TypeError` when no answer comes (with the cause's `code`
 * as Node gives it), and with the signal's reason on abort; the server goes on with an aborted request, as servers do.
 * It never follows a redirect.
 */
export function createDirectFetch(handle: (request: Request) => Promise<Answer>): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const { signal } = request
    signal.throwIfAborted()
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    const answer = await Promise.race([handle(request), aborted])
    if (answer === 'refused') throw networkError('ECONNREFUSED')
    if (answer === 'lost') throw networkError('ECONNRESET')
    return answer
  }
}

function networkError(code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) })
}
