/**
 * How everything begins that a test's server keeps secret: its tokens, codes, subjects, e-mail addresses and texts, and the tokens that it
 * signs. Whoever has the first eight characters of one, or all of them, has this.
 */
const beginnings = ['canary', 'eyJhbGci']

const disguises = beginnings.flatMap((text) => [text, inHex(text), inHex(text).toUpperCase(), ...inBase64(text)])

/** By so many characters a hash is known: fewer stand in random ids by chance. */
const ofHash = 16

/**
 * What secrets were hashed to.
 *
 * @typedef {{ note(text: string, digest: ArrayBuffer): void, isIn(text: string): boolean }} Hashes
 * @returns {Hashes} `note`: this text, if there is a secret in it, gave that digest; `isIn`: whether the beginning of a noted digest stands in a
 * text, in hex, base64 or base64url
 */
export function createHashes() {
  const known = /** @type {Set<string>} */ (new Set())
  return {
    note(text, digest) {
      if (!hasBeginning(text)) return
      const bytes = String.fromCharCode(...new Uint8Array(digest))
      known.add(inHex(bytes).slice(0, ofHash)).add(toUrlSafe(btoa(bytes)).slice(0, ofHash))
    },
    isIn(text) {
      if (known.size === 0) return false
      for (const [run] of text.matchAll(/[\w+/-]{16,}/g)) {
        const urlSafe = toUrlSafe(run)
        for (let at = 0; at + ofHash <= run.length; at += 1) {
          const part = urlSafe.slice(at, at + ofHash)
          if (known.has(part) || known.has(part.toLowerCase())) return true
        }
      }
      return false
    },
  }
}

/**
 * Where a secret, or its beginning, stands in what is told: raw, in base64 or base64url, in hex, or hashed. Names the place only, as what stands
 * there is not to be printed.
 *
 * @param {string} name what is told
 * @param {object} parts what it consists of, such as its attributes, by their names
 * @param {Hashes} [hashes] of which none may stand there
 * @returns {string[]} one sentence each
 */
export function findCanaries(name, parts, hashes) {
  /** @param {unknown} value */
  const hasSecret = (value) => {
    const text = JSON.stringify(value) ?? ''
    return hasBeginning(text) || (hashes?.isIn(text) ?? false)
  }
  if (!hasSecret([name, parts])) return []
  const places = hasSecret(name) ? [] : leavesOf('', parts).filter(([key, value]) => hasSecret(key) || hasSecret(value))
  if (places.length === 0) return ['a secret stands in a name']
  return places.map(([key]) => `${name} has a secret ${hasSecret(key) ? 'in the name of an attribute' : `in ${key}`}`)
}

/** @param {string} text */
function hasBeginning(text) {
  return disguises.some((disguise) => text.includes(disguise))
}

/**
 * All that is in a value and is no object, each by its way there: `attributes server.address`.
 *
 * @param {string} key
 * @param {unknown} value
 * @returns {[string, unknown][]}
 */
function leavesOf(key, value) {
  if (typeof value !== 'object' || value === null) return [[key.trim(), value]]
  return Object.entries(value).flatMap(([next, inner]) => leavesOf(`${key} ${next}`, inner))
}

// No Buffer here: this runs in browsers, too.

/** @param {string} text of characters that are a byte each */
function inHex(text) {
  return Array.from(text, (character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join('')
}

/** @param {string} base64 */
function toUrlSafe(base64) {
  return base64.replaceAll('+', '-').replaceAll('/', '_')
}

/**
 * What stands in the base64 of any text with this one in it, for the three ways in which its bytes can lie.
 *
 * @param {string} text
 */
function inBase64(text) {
  return [0, 1, 2].map((before) =>
    btoa(' '.repeat(before) + text).slice(Math.ceil((before * 8) / 6), Math.floor(((before + text.length) * 8) / 6)),
  )
}
