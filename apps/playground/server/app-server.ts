import type { ServerResponse } from 'node:http'
import { type Handler, HttpError, sendJson } from './http.ts'
import type { Listener } from './listener.ts'
import { isCalledBy, requireSameOrigin } from './same-origin.ts'

export interface AppServerSetup {
  readonly listener: Listener
  readonly appUrl: string
  readonly control: Record<string, Handler>
  readonly api: Handler
  readonly otlp: Handler
  readonly page: Handler
}

/** One origin for the page, its controls, the API and the way to the collector. */
export function serveApp({ listener, appUrl, control, api, otlp, page }: AppServerSetup) {
  const guarded: Record<string, Handler> = {
    ...control,
    'POST /otlp/v1/traces': otlp,
    'POST /otlp/v1/metrics': otlp,
  }

  const route: Handler = (request, response, url) => {
    const { pathname } = url
    if (pathname.startsWith('/api/')) return api(request, response, url)
    if (pathname.startsWith('/playground/') || pathname.startsWith('/otlp/')) {
      requireSameOrigin(request, appUrl)
      const handler = guarded[`${request.method} ${pathname}`]
      if (!handler) throw new HttpError(404, 'There is no such thing here.')
      return handler(request, response, url)
    }
    // The issuer knows the page by one name only.
    if (!isCalledBy(request, appUrl)) return redirect(response, appUrl + url.pathname + url.search)
    return page(request, response, url)
  }

  listener.server.on('request', (request, response) => {
    void Promise.resolve()
      .then(() => {
        const url = URL.parse(request.url ?? '/', appUrl)
        if (!url) throw new HttpError(400, 'The address cannot be read.')
        return route(request, response, url)
      })
      .catch((error: unknown) => answerError(response, error))
  })
}

function redirect(response: ServerResponse, location: string) {
  response.writeHead(307, { location, 'cache-control': 'no-store' }).end()
}

function answerError(response: ServerResponse, error: unknown) {
  if (response.headersSent) return response.destroy()
  if (error instanceof HttpError) return sendJson(response, error.status, { message: error.message })
  console.error(error)
  sendJson(response, 500, { message: 'The playground failed here; its terminal says why.' })
}
