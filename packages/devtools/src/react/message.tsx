import { X } from 'lucide-react'

/** One thing to be told, until it is closed. */
export function Message({ text, onClose }: { readonly text: string; readonly onClose: () => void }) {
  return (
    <div className="af-message" role="alert">
      <p>{text}</p>
      <button type="button" className="af-icon" aria-label="Close message" title="Close message" onClick={onClose}>
        <X size={15} aria-hidden />
      </button>
    </div>
  )
}
