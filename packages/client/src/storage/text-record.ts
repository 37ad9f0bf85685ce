import { isA } from '../base/is-a.ts'
import { storageError } from './fault.ts'

/** What every key of ours begins with in a place that others use as well. */
export const ours = 'authflight:'

/**
 * A record as text, in which a big integer is one too.
 * @throws {AuthError} `storage_error` where text cannot hold it, such as a `CryptoKey`: it would come back as `{}`.
 */
export const encode = (record: object): string =>
  JSON.stringify(record, (_, value: unknown) => {
    if (typeof value === 'function' || (typeof value === 'object' && !plain.some((kind) => isA(kind, value)))) {
      throw storageError(
        'This store keeps text only, and a key or function is none. Leave `storage` out for IndexedDB.',
      )
    }
    return typeof value === 'bigint' ? `${value}` : value
  })

const plain = ['Object', 'Array', 'Null']

/** The record that a text holds. Damaged or half-written text is no record. */
export function decode(text: string | null | undefined): object | undefined {
  try {
    const record: unknown = JSON.parse(text ?? 'null')
    return typeof record === 'object' && record !== null ? record : undefined
  } catch {
    return undefined
  }
}
