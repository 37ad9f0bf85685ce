import { onTestFinished, vi } from 'vitest'

/** Keeps the warnings of a test to itself. */
export function quiet(): void {
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => {})
  onTestFinished(() => warned.mockRestore())
}
