import { act } from 'react'
import { send } from './protocol.ts'
import { nextFrame } from './react/mount.tsx'

const codes: Readonly<Record<string, number>> = {
  Tab: 9,
  Enter: 13,
  Escape: 27,
  End: 35,
  Home: 36,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
}
/** As a modifier of the DevTools protocol. */
export const shift = 8

/** A key of the keyboard, which the browser answers as it answers a person's: the focus moves, buttons are pressed. */
export async function strike(key: string, modifiers = 0): Promise<void> {
  const event = { key, code: key, modifiers, windowsVirtualKeyCode: codes[key], ...(key === 'Enter' && { text: '\r' }) }
  await act(() => send('Input.dispatchKeyEvent', { type: 'keyDown', ...event }))
  await act(() => send('Input.dispatchKeyEvent', { type: 'keyUp', ...event }))
  await nextFrame()
}
