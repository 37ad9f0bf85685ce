import type { ReactNode } from 'react'
import { renderToString } from 'react-dom/server'
import { describe, expect, test } from 'vitest'
import {
  AuthProvider,
  type AuthProviderProps,
  Restoring,
  SignedIn,
  SignedOut,
  useAccessToken,
  useAuth,
  useSession,
  useUser,
} from '../src/index.ts'
import { fakeClient } from './support/fake-client.ts'

/** A component that calls a hook and shows nothing. */
const calling = (hook: () => unknown) =>
  function Caller(): null {
    hook()
    return null
  }

describe('without an <AuthProvider> above it', () => {
  test.each<{ name: string; Part: () => ReactNode }>([
    { name: 'useAuth', Part: calling(useAuth) },
    { name: 'useSession', Part: calling(useSession) },
    { name: 'useUser', Part: calling(useUser) },
    { name: 'useAccessToken', Part: calling(useAccessToken) },
    { name: '<SignedIn>', Part: () => <SignedIn>secret</SignedIn> },
    { name: '<SignedOut>', Part: () => <SignedOut>secret</SignedOut> },
    { name: '<Restoring>', Part: () => <Restoring>secret</Restoring> },
    { name: '<AuthProvider account>', Part: () => <AuthProvider account="account-1">secret</AuthProvider> },
  ])('$name says what to put where', ({ Part }) => {
    expect(() => renderToString(<Part />)).toThrow(/^No auth client here: put <AuthProvider client=\{…\}> above/)
  })
})

describe('<AuthProvider> says what it takes', () => {
  const { client } = fakeClient()
  const create = () => client
  test.each<{ given: string; props: object; fault: RegExp }>([
    { given: 'nothing', props: {}, fault: /Its client is none\.$/ },
    { given: 'no client', props: { client: null }, fault: /Its client is none\.$/ },
    { given: 'the promise of a client', props: { client: Promise.resolve(client) }, fault: /Its client is none\.$/ },
    { given: 'a function as client', props: { client: create }, fault: /Its client is none\.$/ },
    { given: 'a client as create', props: { create: client }, fault: /Its create is no function\.$/ },
    { given: 'no create', props: { create: null }, fault: /Its create is no function\.$/ },
    {
      given: 'an account that is not its id',
      props: { account: { id: 'account-1' } },
      fault: /Its account is no id\.$/,
    },
    { given: 'a client and a create', props: { client, create }, fault: /It got more than one\.$/ },
    { given: 'a client and an account', props: { client, account: 'account-1' }, fault: /It got more than one\.$/ },
    { given: 'a create and an account', props: { create, account: 'account-1' }, fault: /It got more than one\.$/ },
  ])('when it is given $given', ({ props, fault }) => {
    const render = () => renderToString(<AuthProvider {...(props as AuthProviderProps)} />)
    expect(render).toThrow(TypeError)
    expect(render).toThrow(/^<AuthProvider> takes either `client`, which createAuthClient\(\) has made, or `create`/)
    expect(render).toThrow(fault)
  })
})
