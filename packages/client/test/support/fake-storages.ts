/** Says no as a browser does. */
export const quotaExceeded = (): DOMException => new DOMException('canary_full', 'QuotaExceededError')

/** A `localStorage` of so many characters. */
export class FakeStorage implements Storage {
  readonly entries = new Map<string, string>()
  readonly [Symbol.toStringTag] = 'Storage'
  room: number
  constructor(room = Number.POSITIVE_INFINITY) {
    this.room = room
  }
  [name: string]: unknown
  get length(): number {
    return this.entries.size
  }
  get used(): number {
    return [...this.entries].reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  }
  key(at: number): string | null {
    return [...this.entries.keys()][at] ?? null
  }
  getItem(key: string): string | null {
    return this.entries.get(key) ?? null
  }
  setItem(key: string, value: string): void {
    const before = this.entries.get(key)
    const more = value.length - (before === undefined ? -key.length : before.length)
    if (more > 0 && this.used + more > this.room) throw quotaExceeded()
    this.entries.set(key, value)
  }
  removeItem(key: string): void {
    this.entries.delete(key)
  }
  clear(): void {
    this.entries.clear()
  }
}

/** The same entries behind another object, as another tab has them: one store serves one object. */
export const asAnotherObject = (storage: Storage): Storage => ({
  get length() {
    return storage.length
  },
  key: (at) => storage.key(at),
  getItem: (key) => storage.getItem(key),
  setItem: (key, value) => storage.setItem(key, value),
  removeItem: (key) => storage.removeItem(key),
  clear: () => storage.clear(),
})

/** A `document` with cookies as browsers keep them: 4,096 bytes of name and value, so many a host, none where they are blocked. */
export class FakeDocument {
  readonly jar = new Map<string, string>()
  /** Everything that was ever written, with its attributes. */
  readonly written: string[] = []
  blocked = false
  most = 180
  get cookie(): string {
    return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }
  set cookie(text: string) {
    this.written.push(text)
    const [pair = '', ...attributes] = text.split('; ')
    const at = pair.indexOf('=')
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
    if (this.blocked || name.length + value.length > 4_096) return
    if (attributes.includes('Max-Age=0')) this.jar.delete(name)
    else if (this.jar.has(name) || this.jar.size < this.most) this.jar.set(name, value)
  }
}

/** What React Native's AsyncStorage is: every answer comes later, and not in the order of the questions. */
export function createAsyncStorage(entries = new Map<string, string>()) {
  const later = async <T>(act: () => T): Promise<T> => {
    for (let turns = entries.size % 3; turns >= 0; turns -= 1) await Promise.resolve()
    return act()
  }
  return {
    entries,
    getItem: (key: string) => later(() => entries.get(key) ?? null),
    setItem: (key: string, value: string) => later(() => void entries.set(key, value)),
    removeItem: (key: string) => later(() => void entries.delete(key)),
  }
}
