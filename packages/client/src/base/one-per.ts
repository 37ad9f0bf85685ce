import { guarded } from './guarded.ts'

/** One of something for each realm, store or flight, made when it is first asked for. */
/* @__NO_SIDE_EFFECTS__ */
export function onePer<Owner extends object, One extends object>(make: (owner: Owner) => One): (owner: Owner) => One {
  const made = new WeakMap<Owner, One>()
  const keep = (owner: Owner, one: One): One => {
    // What an app hands in may be no object, such as a `localStorage` where there is none: that fails when it is used.
    guarded(() => made.set(owner, one))
    return one
  }
  return (owner) => made.get(owner) ?? keep(owner, make(owner))
}
