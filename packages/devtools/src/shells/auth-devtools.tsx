import { type ReactNode, useLayoutEffect, useState } from 'react'
import { createPortal } from 'react-dom'
import { adoptStyles } from '../react/look/adopt-styles.ts'
import { shellStyles } from './shell-styles.ts'
import { Floating, type FloatingProps } from './floating.tsx'

export interface AuthDevtoolsProps extends FloatingProps {
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
