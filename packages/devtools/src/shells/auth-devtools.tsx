import { type ReactNode, useEffect, useLayoutEffect, useState } from 'react'
import { createPortal } from 'react-dom'
import { shareRecords } from '../model/relay.ts'
import { adoptStyles } from '../react/adopt-styles.ts'
import type { AuthDevtoolsPanelProps } from '../react/auth-devtools-panel.tsx'
import { shellStyles } from './shell-styles.ts'
import { Floating } from './floating.tsx'

export interface AuthDevtoolsProps extends Omit<AuthDevtoolsPanelProps, 'height' | 'recording'> {
  /** Where its button floats. Default `bottom-right`. */
  readonly position?: 'bottom-right' | 'bottom-left'
  /** Whether it is open at the first visit; later it is as it was left. Default `false`. */
  readonly initiallyOpen?: boolean
  /** For a style element where adopted style sheets are not to be had. With them a strict content security policy needs none. */
  readonly nonce?: string
}

/**
 * The panel as a button in the corner of your app. It lives in a shadow root at the end of the page: your styles do not reach
 * it, and its do not reach you.
 */
export function AuthDevtools({ nonce, ...props }: AuthDevtoolsProps): ReactNode {
  const [root, setRoot] = useState<ShadowRoot | null>(null)
  useLayoutEffect(() => {
    const host = document.createElement('div')
    host.dataset['authflight'] = 'devtools'
    document.body.append(host)
    const shadow = host.attachShadow({ mode: 'open' })
    const release = adoptStyles(shadow, shellStyles, nonce)
    setRoot(shadow)
    return () => {
      release()
      host.remove()
    }
  }, [nonce])
  return root === null ? null : createPortal(<Floating {...props} />, root)
}

/** While the panel is closed, this tab's records are still there for panels in other tabs. */
export function useShare(isWanted: boolean): void {
  useEffect(() => (isWanted ? shareRecords() : undefined), [isWanted])
}
