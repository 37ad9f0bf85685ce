import { X } from 'lucide'
import { useEffect } from 'react'
import { Icon } from './icon.tsx'
import { useLateStyles } from '../look/late-styles.ts'

/** What each key does, for the sheet. */
const keySheet: readonly (readonly [keys: string, what: string])[] = [
  ['← →', 'pan; in an incident, go along cause and effect'],
  ['shift+← shift+→', 'from what is selected to its cause, to its effect'],
  ['a d', 'pan'],
  ['w s', 'zoom; so do ctrl and wheel'],
  ['↑ ↓', 'scroll'],
  ['f', 'fit everything'],
  ['n p', 'next, previous problem'],
  ['j k', 'next, previous refresh'],
  ['r', 'show the race that the headline tells of'],
  ['Enter', 'zoom to what is selected'],
  ['Escape', 'leave the incident, then the selection'],
  ['space', 'follow now, or stop'],
  ['g', 'fold idle time'],
  ['m', 'mark this time, or unmark it'],
  ['/', 'filter'],
  ['?', 'these keys'],
]

/** Every key, in a dialog of the platform's own: Escape closes it. */
export function KeysSheet({ onClose }: { readonly onClose: () => void }) {
  const dialog = useLateStyles<HTMLDialogElement>()
  useEffect(() => {
    const element = dialog.current!
    if (!element.open) element.showModal()
  }, [dialog])
  return (
    <dialog ref={dialog} onClose={onClose} className="af-dialog" aria-labelledby="af-keys-title">
      <form method="dialog">
        <h2 id="af-keys-title">Keys, while the panel has focus</h2>
        <button className="af-icon" aria-label="Close" title="Close">
          <Icon of={X} />
        </button>
      </form>
      <dl className="af-keys">
        {keySheet.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  )
}
