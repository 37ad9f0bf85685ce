import type { AuthRecord } from '@authflight/client'
import { recordNames } from './names.ts'

const limits = { text: 200, key: 100, attributes: 64, links: 64 }
const spanId = /^[0-9a-f]{16}$/
const traceId = /^[0-9a-f]{32}$/
const kinds = ['internal', 'client', 'point']
const names = new Set<unknown>(recordNames)

/**
 * A clean, frozen copy of a record from anywhere, or `null` where the value has not the shape of one. Records may be
 * forged: strings are cut to 200 characters, unknown fields fall away, getters that throw make it `null`.
 * @param shift milliseconds added to its times, to bring another tab's clock in line
 */
export function readRecord(value: unknown, shift = 0): AuthRecord | null {
  try {
    return readFields(value as Record<string, unknown>, shift)
  } catch {
    return null
  }
}

function readFields(value: Record<string, unknown>, shift: number): AuthRecord | null {
  const { v, id, parentId, links, name, kind, startedAt, endedAt, status, client, tab } = value
  const attributes = readAttributes(value['attributes'])
  const usable =
    v === 1 &&
    matches(spanId, id) &&
    matches(traceId, value['traceId']) &&
    (parentId === undefined || matches(spanId, parentId)) &&
    names.has(name) &&
    kinds.includes(kind as string) &&
    isTime(startedAt) &&
    (endedAt === undefined ? kind !== 'point' : isTime(endedAt) && endedAt >= startedAt) &&
    (status === 'unset' || status === 'error') &&
    isWord(client) &&
    isWord(tab)
  if (!usable || attributes === null || !Array.isArray(links)) return null
  return Object.freeze({
    v: 1,
    id,
    traceId: value['traceId'] as string,
    ...(parentId === undefined ? {} : { parentId }),
    links: links
      .slice(0, limits.links)
      .map(readLink)
      .filter((link) => link !== null),
    name: name as AuthRecord['name'],
    kind: kind as AuthRecord['kind'],
    startedAt: startedAt + shift,
    ...(endedAt === undefined ? {} : { endedAt: (endedAt as number) + shift }),
    status,
    attributes,
    client,
    tab,
  })
}

function readAttributes(value: unknown): AuthRecord['attributes'] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const read: Record<string, string | number | boolean> = Object.create(null)
  for (const [key, entry] of Object.entries(value).slice(0, limits.attributes)) {
    if (key.length > limits.key) continue
    if (typeof entry === 'string') read[key] = entry.slice(0, limits.text)
    else if (typeof entry === 'boolean' || Number.isFinite(entry)) read[key] = entry as number | boolean
  }
  return Object.freeze(read)
}

function readLink(value: unknown): AuthRecord['links'][number] | null {
  const link = value as Record<string, unknown> | null
  if (!matches(traceId, link?.['traceId']) || !matches(spanId, link?.['id'])) return null
  return Object.freeze({ traceId: link?.['traceId'] as string, id: link?.['id'] as string })
}

function matches(pattern: RegExp, value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value)
}

/** Years 2001 to 2128: outside of them a forged time would ruin the scale. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && value > 1e12 && value < 5e12
}

/** A name of somebody, made by whoever it names. */
export function isWord(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= 64
}

/** Oldest first; a refresh comes before what belongs to it, also when both began at once. */
export function byStart(a: AuthRecord, b: AuthRecord): number {
  return a.startedAt - b.startedAt || Number(b.name === 'authflight.refresh') - Number(a.name === 'authflight.refresh')
}
