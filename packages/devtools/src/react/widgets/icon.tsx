import type { IconNode } from 'lucide'
import { createElement, type SVGProps } from 'react'

interface IconProps extends SVGProps<SVGSVGElement> {
  /** One of Lucide's drawings, 24 units wide and high. */
  readonly of: IconNode
  /** Pixels. Default 24, or what the styles say. */
  readonly size?: number
}

/** A drawing for the eye only: what it stands for is said beside it. */
export function Icon({ of, size = 24, ...svg }: IconProps) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={2}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
      {...svg}
    >
      {of.map(([tag, attributes], key) => createElement(tag, { ...attributes, key }))}
    </svg>
  )
}
