/** Everything that is random in a world, from one seed. */
export interface Chance {
  /** At least 0, below 1. */
  random(): number
  /** 32 hex digits that begin with {@link secretMark}, no two alike. */
  secret(): string
}

/** With this begins every secret of the client's own (session ids), so that one that got out is found. */
export const secretMark = 'c0ffeec0ffee'

/** Mulberry32: 32 bits of state, quick, and good enough to tell two jitters apart. */
export function createChance(seed: number): Chance {
  let state = seed | 0
  let secrets = 0
  function random(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
  return {
    random,
    secret: () => secretMark + (secrets += 1).toString(16).padStart(20, '0'),
  }
}
