// One server process of an app, for tests of several: each message is a refresh by so many callers, and the answer says what they got.
import { isAuthError } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'
import { createRefreshCoordinator } from '../../src/index.ts'
import { redisEngine } from '../../src/redis/index.ts'
import { openClient } from './client.ts'
import type { Outcomes, Work, WorkerOptions } from './processes.ts'

const { issuer, port, client: name, profile } = JSON.parse(process.argv[2] ?? '') as WorkerOptions
const { client } = await openClient(name, port)
const provider = oauth({ issuer, clientId: 'spa', scope: 'openid' })
const coordinator = createRefreshCoordinator({
  engine: redisEngine({ client, commandTimeout: 5_000 }),
  issuer: provider.authority,
  clientId: provider.clientId,
  pepper: 'the same in all processes of a test',
  profile,
  patience: 50_000,
})
const codeOf = (error: unknown): string => (isAuthError(error) ? error.code : String(error))

process.on('message', ({ id, token, session, callers, hasLiveAccessToken }: Work) => {
  const refresh = (): Promise<string> =>
    coordinator
      .refresh(token, (io) => provider.refresh(token, io), { session, hasLiveAccessToken })
      .then(({ accessToken }) => accessToken, codeOf)
  void Promise.all(Array.from({ length: callers }, refresh)).then((got) => {
    const outcomes: Outcomes = { id, got }
    process.send?.(outcomes)
  })
})
process.send?.('ready')
