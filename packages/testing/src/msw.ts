import { http, HttpResponse, type HttpHandler } from 'msw'
import type { Answer } from './answer.ts'
import type { Place } from './routes.ts'

/** One MSW handler for each route. A request that ends without an answer becomes a network error. */
export function createHandlers(
  issuer: string,
  routes: readonly Place[],
  handle: (request: Request) => Promise<Answer>,
): HttpHandler[] {
  return routes.flatMap(({ methods, path }) =>
    methods.map((method) =>
      http[method](issuer + path, async ({ request }) => {
        const answer = await handle(request)
        return typeof answer === 'string' ? HttpResponse.error() : answer
      }),
    ),
  )
}
