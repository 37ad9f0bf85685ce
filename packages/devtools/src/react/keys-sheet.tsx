import { X } from 'lucide-react'
import type { Ref } from 'react'
import { keySheet } from '../timeline/keys.ts'

/** Every key, in a dialog of the platform's own: Escape closes it. */
export function KeysSheet({ ref }: { readonly ref: Ref<HTMLDialogElement> }) {
  return (
    <dialog ref={ref} className="af-dialog" aria-labelledby="af-keys-title">
      <form method="dialog">
        <h2 id="af-keys-title">Keys, while the panel has focus</h2>
        <button className="af-icon" aria-label="Close" title="Close">
          <X size={15} aria-hidden />
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
