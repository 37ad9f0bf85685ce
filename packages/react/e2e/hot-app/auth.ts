import { createAuthClient } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'

const issuer = new URLSearchParams(location.search).get('issuer') ?? ''

export const create = () => createAuthClient({ provider: oauth({ issuer, clientId: 'spa' }) })
