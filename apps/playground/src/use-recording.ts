import type { Recording } from '@authflight/devtools/formats'
import { useEffect, useState } from 'react'

interface Read {
  readonly recording: Recording | null
  /** Why it cannot be shown; `null` where nothing is wrong. */
  readonly problem: string | null
}

/** The recording that `?recording=` names, a file of this origin: what a tool wrote opens in the panel. */
export function useRecording(): Read {
  const [read, setRead] = useState<Read>({ recording: null, problem: null })
  useEffect(() => {
    const wanted = new URLSearchParams(location.search).get('recording')
    if (wanted !== null) void fetchRecording(wanted).then(setRead)
  }, [])
  return read
}

async function fetchRecording(wanted: string): Promise<Read> {
  const fail = (problem: string): Read => ({ recording: null, problem })
  const url = URL.parse(wanted, location.href)
  if (url?.origin !== location.origin) return fail('?recording= takes the address of a file on this origin.')
  const response = await fetch(url).catch(() => null)
  if (!response?.ok) return fail(`There is no recording at ${url.pathname}.`)
  try {
    const { readRecording } = await import('@authflight/devtools/formats')
    return { recording: readRecording(await response.text()), problem: null }
  } catch (error) {
    return fail(`${url.pathname}: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
}
