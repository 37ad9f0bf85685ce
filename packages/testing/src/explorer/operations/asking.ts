import { begin } from '../actor.ts'
import { type Operation, refreshing } from './operation.ts'

/** Every third caller may leave before there is an answer. */
function signalFor(signals: AbortController[], choice: number): { signal?: AbortSignal } | undefined {
  if (choice % 3 !== 0) return undefined
  const controller = new AbortController()
  signals.push(controller)
  return { signal: controller.signal }
}

/** What an app asks for all the time. */
export const asking: readonly Operation[] = [
  {
    name: 'getSession',
    weight: 30,
    awaits: refreshing,
    do: (world, actor, choice) =>
      begin(world, actor, 'getSession', () => actor.auth.getSession(signalFor(actor.signals, choice))),
  },
  {
    name: 'refreshSession',
    weight: 40,
    awaits: refreshing,
    do: (world, actor, choice) =>
      begin(world, actor, 'refreshSession', () => actor.auth.refreshSession(signalFor(actor.signals, choice))),
  },
  {
    name: 'getAccessToken',
    weight: 14,
    awaits: refreshing,
    do: (world, actor) => begin(world, actor, 'getAccessToken', () => actor.auth.getAccessToken()),
  },
  {
    name: 'fetch',
    weight: 14,
    awaits: refreshing,
    do: (world, actor) => begin(world, actor, 'fetch', () => actor.auth.fetch('https://id.explorer.test/api')),
  },
]
