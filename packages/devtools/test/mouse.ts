import { send } from './protocol.ts'

export interface MouseOptions {
  readonly ctrl?: boolean
  readonly shift?: boolean
}

export interface Mouse {
  moveTo(x: number, y: number): Promise<void>
  press(): Promise<void>
  release(): Promise<void>
  /** Turns its wheel by CSS pixels, to the right and down. */
  wheel(x: number, y: number): Promise<void>
}

/** The browser's own mouse, which it answers as it answers a person's. Points are in CSS pixels from the element's top left. */
export function mouseOn(element: Element, { ctrl = false, shift = false }: MouseOptions = {}): Mouse {
  const modifiers = (ctrl ? 2 : 0) + (shift ? 8 : 0)
  let at = { x: 0, y: 0 }
  let buttons = 0
  const tell = (type: string, more: object = {}) =>
    send('Input.dispatchMouseEvent', { type, ...at, modifiers, buttons, ...more })
  return {
    async moveTo(x, y) {
      const box = element.getBoundingClientRect()
      const frame = frameElement!.getBoundingClientRect()
      at = { x: frame.left + box.left + x, y: frame.top + box.top + y }
      await tell('mouseMoved', { button: buttons === 1 ? 'left' : 'none' })
    },
    async press() {
      buttons = 1
      await tell('mousePressed', { button: 'left', clickCount: 1 })
    },
    async release() {
      buttons = 0
      await tell('mouseReleased', { button: 'left', clickCount: 1 })
    },
    async wheel(x, y) {
      await tell('mouseWheel', { deltaX: x, deltaY: y })
    },
  }
}

/** Pressed at one place, let go at another. */
export async function drag(mouse: Mouse, from: number, to: number, y: number, onTheWay?: () => void): Promise<void> {
  await mouse.moveTo(from, y)
  await mouse.press()
  await mouse.moveTo((from + to) / 2, y)
  await mouse.moveTo(to, y)
  onTheWay?.()
  await mouse.release()
}
