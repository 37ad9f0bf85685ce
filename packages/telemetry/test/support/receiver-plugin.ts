import type { Plugin } from 'vite'
import { createReceiver } from './receiver.ts'

/** On the very server that the pages of browser tests come from. */
const receiverPath = '/otlp-receiver'

/**
 * A real receiver for tests that run in a page: `POST <path>/<name>/v1/…` takes an export, `GET <path>/<name>` tells what has come.
 * Each name is a receiver of its own.
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
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ received: receiver.received, faults: receiver.faults }))
      })
    },
  }
}
