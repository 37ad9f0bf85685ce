/** What is left, as a clock face shows it: `24 s`, `4:05`, `2 h`. Rounded up, so that 0 means over. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return `${Math.round(seconds / 3_600)} h`
}

/** How long something took: `8 ms`, `412 ms`, `3.1 s`. */
export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}

/** `12:00:03`, with `.412` where asked. In the reader's own time zone. */
export function timeOfDay(at: number, { milliseconds = false } = {}): string {
  const time = new Date(at)
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0'))
  return clock.join(':') + (milliseconds ? `.${String(time.getMilliseconds()).padStart(3, '0')}` : '')
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`
}
