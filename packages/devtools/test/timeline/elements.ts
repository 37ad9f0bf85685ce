import type { StageElements } from '../../src/timeline/stage.ts'

/** CSS pixels. */
export const width = 400

/** What a stage draws into. `undo` gets the way to take it away. */
export function makeElements(undo: (() => void)[]): StageElements {
  const box = document.createElement('div')
  document.body.append(box)
  undo.push(() => box.remove())
  const add = <Tag extends 'canvas' | 'div'>(tag: Tag, height: number, parent: Element = box) => {
    const element = document.createElement(tag)
    element.style.cssText = `display: block; width: ${width}px; height: ${height}px`
    parent.append(element)
    return element
  }
  const scroller = add('div', 200)
  const hidden = () => Object.assign(add('div', 0), { hidden: true })
  return {
    scroller,
    canvas: add('canvas', 200, scroller),
    overview: add('canvas', 30),
    axis: hidden(),
    span: hidden(),
    selection: hidden(),
    overviewWindow: hidden(),
    brush: hidden(),
    overviewBrush: hidden(),
  }
}
