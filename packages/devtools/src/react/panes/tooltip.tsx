import { useLayoutEffect, useRef } from 'react'
import { describe } from '../../model/describe.ts'
import { reads } from '../../model/words.ts'
import { usePanel } from '../context.ts'
import { useStore } from '../hooks/use-store.ts'

/** A record and where the pointer is, in pixels of the window. */
export interface Hover {
  readonly record: string
  readonly x: number
  readonly y: number
}

const shownFacts = ['Reason', 'Error', 'Duration', 'Generation', 'HTTP', 'Waiters', 'In']

/** What is under the pointer, beside it and inside of the window. */
export function Tooltip({ at }: { readonly at: Hover }) {
  const { model } = usePanel()
  useStore(model, 250)
  const row = model.columns.rowOf(at.record)
  const box = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = box.current
    if (element === null) return
    // In the top layer it is placed by the window, whatever contains the panel.
    if (!element.matches(':popover-open')) element.showPopover()
    const { offsetWidth, offsetHeight } = element
    const x = at.x + 14 + offsetWidth > innerWidth ? at.x - 14 - offsetWidth : at.x + 14
    const y = at.y + 18 + offsetHeight > innerHeight ? at.y - 10 - offsetHeight : at.y + 18
    element.style.left = `${Math.max(4, x)}px`
    element.style.top = `${Math.max(4, y)}px`
  })
  if (row === undefined) return null
  const what = describe(model, row)
  return (
    <div ref={box} className="af-tooltip" role="presentation" popover="manual">
      <strong>{what.title}</strong> {what.outcome !== '' && reads(what.outcome)}
      <dl>
        {what.facts
          .filter(([label]) => shownFacts.includes(label))
          .map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </div>
  )
}
