import type { IconNode } from 'lucide'
import { Icon } from './icon.tsx'

interface IconButtonProps {
  /** What it does, and by which key. */
  readonly label: string
  readonly icon: IconNode
  readonly onClick?: () => void
  /** It does nothing now, and keeps the keyboard all the same. */
  readonly 'aria-disabled'?: boolean
}

/** A button without words; its label is read out, and shown beside the pointer. */
export function IconButton({ label, icon, ...button }: IconButtonProps) {
  return (
    <button type="button" className="af-icon" aria-label={label} title={label} {...button}>
      <Icon of={icon} />
    </button>
  )
}
