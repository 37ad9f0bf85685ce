import { X } from 'lucide'
import { IconButton } from './icon-button.tsx'

/** One thing to be told, until it is closed. */
export function Message({ text, onClose }: { readonly text: string; readonly onClose: () => void }) {
  return (
    <div className="af-message" role="alert">
      <p>{text}</p>
      <IconButton label="Close message" icon={X} onClick={onClose} />
    </div>
  )
}
