// Test files run in threads of one process, all of which a channel reaches. Here each file has channels of its own, as if it were alone.
const { BroadcastChannel: Shared } = globalThis
const prefix = `${crypto.randomUUID()} `

globalThis.BroadcastChannel = class BroadcastChannel extends Shared {
  readonly #name: string

  constructor(name: string) {
    super(prefix + name)
    this.#name = name
  }

  override get name(): string {
    return this.#name
  }
}
