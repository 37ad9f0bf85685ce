import { instant, type Operation } from './operation.ts'

const jumps = [60_000, -60_000, 3_600_000, -3_600_000, 1e11, -1e11]
const sleeps = [5_000, 30_000, 55_000, 61_000, 61_000, 600_000]

/** What clocks, stores, channels and the server's operator do to everybody. */
export const surroundings: readonly Operation[] = [
  instant('clock jump', 6, (world, _actor, choice) => {
    const ms = jumps[choice % jumps.length] ?? 0
    world.skew += ms
    world.deed('clock jumped', null, { ms })
  }),
  instant('sleep', 24, (world, _actor, choice) => world.sleep(sleeps[choice % sleeps.length] ?? 0)),
  instant('store fails', 6, (world) => {
    if (world.database.health !== 'well') return
    world.database.health = 'failing'
    world.deed('store fails')
  }),
  instant('store full', 6, (world) => {
    if (world.database.health !== 'well') return
    world.database.health = 'full'
    world.deed('store full')
  }),
  instant('store heals', 12, (world) => {
    if (world.database.health === 'well') return
    world.database.health = 'well'
    world.deed('store heals')
  }),
  instant('store flush', 6, (world) => world.database.flush()),
  instant('store cleared', 4, (world) => {
    world.database.clear()
    world.deed('store cleared')
  }),
  instant('lose notices', 6, (world) => world.loseNotices(true)),
  instant('notices back', 8, (world) => world.loseNotices(false)),
  instant('forge notice', 6, (world, _actor, choice) => {
    world.channels.forge([{ v: 1, kind: 'changed' }, null, { v: 1, kind: 'pong', claim: 'x' }, { v: 2 }][choice % 4])
    world.deed('notice forged')
  }),
  instant('revoke at the server', 6, (world, _actor, choice) => {
    const live = world.authority.model.sessions.filter(({ ended }) => !ended)
    const session = live[choice % Math.max(live.length, 1)]
    if (!session) return
    world.authority.model.endSession(session, 'revoked', choice % 2 === 0)
    world.deed('session revoked', null, { what: session.id })
  }),
  instant('expire access tokens', 6, (world) => {
    for (const token of world.authority.model.accessTokens.values())
      token.expiresAt = Math.min(token.expiresAt, world.serverNow())
    world.deed('access tokens expired')
  }),
]
