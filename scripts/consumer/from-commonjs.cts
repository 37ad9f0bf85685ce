import { createAuthClient } from '@authflight/client'
import { oauth } from '@authflight/client/oauth'

createAuthClient({ provider: oauth({ issuer: 'https://id.example.com', clientId: 'spa' }) })
