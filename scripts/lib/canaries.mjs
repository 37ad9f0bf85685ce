/**
 * How everything begins that a test's server keeps secret: its tokens, codes, subjects, e-mail addresses and texts, and the tokens that it
 * signs. Whoever has the first eight characters of one, or all of them, has this.
 */
const beginnings = ['canary', 'eyJhbGci']

const disguises = beginnings.flatMap((text) => [text, inHex(text), inHex(text).toUpperCase(), ...inBase64(text)])

/**
 * Where a secret, or its beginning, stands in what is told: raw, in base64 or base64url, or in hex. Names the place only, as what stands
 * there is not to be printed.
 *
 * @param {string} name what is told
 * @param {object} parts what it consists of, such as its attributes, by their names
 * @returns {string[]} one sentence each
 */
export function findCanaries(name, parts) {
  if (!hasCanary([name, parts])) return []
  const places = hasCanary(name) ? [] : leavesOf('', parts).filter(([key, value]) => hasCanary(key) || hasCanary(value))
  if (places.length === 0) return ['a secret stands in a name']
  return places.map(([key]) => `${name} has a secret ${hasCanary(key) ? 'in the name of an attribute' : `in ${key}`}`)
}

/** @param {unknown} value */
function hasCanary(value) {
  const text = JSON.stringify(value) ?? ''
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

/** @param {string} text */
function inHex(text) {
  return Buffer.from(text).toString('hex')
}

/**
 * What stands in the base64 of any text with this one in it, for the three ways in which its bytes can lie.
 *
 * @param {string} text
 */
function inBase64(text) {
  return [0, 1, 2].map((before) =>
    Buffer.from(' '.repeat(before) + text)
      .toString('base64')
      .slice(Math.ceil((before * 8) / 6), Math.floor(((before + text.length) * 8) / 6)),
  )
}
