import type { Plugin } from 'vite'
import { createReceiver } from './receiver.ts'

/** On the very server that the pages of browser tests come from. */
const receiverPath = '/otlp-receiver'

/**
 * A real receiver for tests that run in a page: `POST <path>/<name>/v1/…` takes an export, `GET <path>/<name>` tells what has come,
 * `GET <path>/<name>/page` is a document that runs leaving-page.ts. Each name is a receiver of its own.
 */
export function otlpReceiver(): Plugin {
  const receivers = new Map<string, ReturnType<typeof createReceiver>>()
  const receiverOf = (name: string) => {
    const receiver = receivers.get(name) ?? createReceiver()
    receivers.set(name, receiver)
    return receiver
  }
  return {
    name: 'otlp-receiver',
    configureServer: ({ middlewares }) => {
      middlewares.use(receiverPath, (request, response) => {
        const [, name = '', ...rest] = (request.url ?? '').split('/')
        const receiver = receiverOf(name)
        request.url = `/${rest.join('/')}`
        if (request.method === 'POST') return void receiver.handle(request, response)
        const isPage = rest[0]?.startsWith('page')
        response.setHeader('content-type', isPage ? 'text/html' : 'application/json')
        response.end(
          isPage
            ? '<!doctype html><script type="module" src="/packages/telemetry/test/support/leaving-page.ts"></script>'
            : JSON.stringify({ received: receiver.received, faults: receiver.faults }),
        )
      })
    },
  }
}
