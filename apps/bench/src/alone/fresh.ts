import type { Client } from '../clients/clients.ts'
import { cpuTime, createWorld } from './world.ts'

/** Long enough for the compiler to have done its work, and for the clock's grain not to matter. Milliseconds. */
const warmUp = 300
const sample = 500

/** Nanoseconds of processor time that one call costs while the access token is good. */
export async function measureFresh(client: Client): Promise<number> {
  const { subject, begin } = await createWorld(client)
  await begin('fresh')
  if (subject.tokenOf((await subject.ask()) as never) === null) throw new Error(`${client.name} has no fresh session.`)

  /** Calls one after the other, as an app that awaits each; returns milliseconds. */
  async function call(times: number): Promise<number> {
    const begun = cpuTime()
    for (let i = 0; i < times; i += 1) await subject.ask()
    return cpuTime() - begun
  }

  let calls = 1_000
  for (const ends = performance.now() + warmUp; performance.now() < ends;) calls = times(calls, await call(calls))
  return ((await call(calls)) / calls) * 1e6
}

/** So many calls that they take one sample's time. */
const times = (calls: number, took: number): number => Math.max(1_000, Math.round((calls * sample) / Math.max(took, 1)))
