import type { AuthClient } from '@authflight/client'
import { useState } from 'react'
import { readAutoRefresh, writeAutoRefresh } from './preferences.ts'

export interface AutoRefresh {
  readonly isOn: boolean
  readonly change: (on: boolean) => void
}

/** Whether the client refreshes by its timer, as the client was told when it was made and since. */
export function useAutoRefresh(auth: AuthClient): AutoRefresh {
  const [isOn, setOn] = useState(readAutoRefresh)
  const change = (on: boolean): void => {
    setOn(on)
    writeAutoRefresh(on)
    if (on) auth.startAutoRefresh()
    else auth.stopAutoRefresh()
  }
  return { isOn, change }
}
