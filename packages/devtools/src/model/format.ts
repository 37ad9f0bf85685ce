/** Time of day with milliseconds, in the reader's own zone: `12:00:03.412`. */
export function formatClock(at: number, digits: 0 | 3 = 3): string {
  const date = new Date(at)
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0'))
  return parts.join(':') + (digits === 0 ? '' : `.${String(date.getMilliseconds()).padStart(3, '0')}`)
}

/** A length of time in the unit that suits it: `0.4 ms`, `118 ms`, `1.24 s`, `2 min 3 s`, `1 h 5 min`; a dash for none. */
export function formatDuration(milliseconds: number | null): string {
  if (milliseconds === null) return '–'
  const size = Math.abs(milliseconds)
  if (size < 10) return `${trim(milliseconds, 1)} ms`
  if (size < 999.5) return `${Math.round(milliseconds)} ms`
  if (size < 60_000) return `${trim(milliseconds / 1000, size < 9_995 ? 2 : 1)} s`
  const seconds = Math.round(milliseconds / 1000)
  if (size < 3_600_000) return joinUnits(seconds, 60, 'min', 's')
  return joinUnits(Math.round(seconds / 60), 60, 'h', 'min')
}

/** `37%`; what is not quite all does not read as all. */
export function formatShare(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(share > 0.99 && share < 1 ? 1 : 0)}%`
}

const counts = new Intl.NumberFormat('en-US')

/** `1,000`; the same for every reader, so that words read the same in a copied report. */
export function formatCount(count: number): string {
  return counts.format(count)
}

/** `1 caller`, `12 callers`. */
export function plural(count: number, noun: string, ending = 's'): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : ending}`
}

export function capitalise(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function joinUnits(total: number, size: number, big: string, small: string): string {
  const rest = total % size
  return `${Math.trunc(total / size)} ${big}${rest === 0 ? '' : ` ${rest} ${small}`}`
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)))
}
