import type { Client } from './clients.ts'
import type { CreateSubject } from './subject.ts'

/** The folder of this app. */
export const home = new URL('../../', import.meta.url)

/** By its address, because the packages of the peers, and so their types, may not be there. */
export async function loadClient({ module }: Client): Promise<CreateSubject> {
  const { create } = (await import(new URL(module, home).href)) as { readonly create: CreateSubject }
  return create
}
