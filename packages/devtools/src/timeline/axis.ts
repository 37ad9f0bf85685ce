import { formatClock } from '../model/format.ts'
import type { Ticks } from './scale.ts'

export interface AxisLine {
  readonly element: HTMLElement
  text: string
}

/** Shows round times as DOM text, in elements that are kept and moved. */
export function showAxis(axis: HTMLElement, lines: readonly AxisLine[], { step, ticks }: Ticks): AxisLine[] {
  const shown = [...lines]
  while (shown.length < ticks.length) shown.push(addLine(axis))
  for (const { element } of shown.splice(ticks.length)) element.remove()
  ticks.forEach((tick, index) => {
    const line = shown[index]!
    const text = formatClock(tick.time, step < 1000 ? 3 : 0)
    if (line.text !== text) line.element.textContent = line.text = text
    line.element.style.transform = `translateX(${tick.x.toFixed(1)}px)`
  })
  return shown
}

function addLine(axis: HTMLElement): AxisLine {
  const element = document.createElement('span')
  element.className = 'af-tick'
  axis.append(element)
  return { element, text: '' }
}
