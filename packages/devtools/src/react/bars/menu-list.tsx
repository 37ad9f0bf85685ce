import { type RefObject, useLayoutEffect, useRef, useState } from 'react'
import type { Opened } from '../auth-devtools-panel.tsx'
import { forgetRecords } from '../../black-box/index.ts'
import { usePanel } from '../context.ts'
import { openFile } from './file-drop.ts'
import { fileKinds, saveFile } from './save-file.ts'

export interface MenuListProps {
  /** The popover that it stands in. */
  readonly list: RefObject<HTMLElement | null>
  readonly onOpen: (opened: Opened) => void
  readonly onKeys: () => void
  /** Is called when it has its size, each time that it opens. */
  readonly onShown: () => void
}

/** What is wanted now and then. */
export function MenuList({ list, onOpen, onKeys, onShown }: MenuListProps) {
  const { model, view, settings, change, isFile, say } = usePanel()
  const input = useRef<HTMLInputElement>(null)
  const [isAsked, setAsked] = useState(false)
  useLayoutEffect(() => {
    const popover = list.current!
    const onToggle = () => {
      onShown()
      setAsked(false)
    }
    onShown()
    popover.addEventListener('toggle', onToggle)
    return () => popover.removeEventListener('toggle', onToggle)
  })
  const act = (what: () => unknown) => () => {
    list.current?.hidePopover()
    // What throws is heard, too.
    new Promise((done) => done(what())).catch(() => say('That did not succeed.'))
  }
  const other = settings.grouping === 'tab' ? 'account' : 'tab'
  const clear = () => {
    model.clear(view.now())
    return forgetRecords()
  }
  return (
    <>
      <button type="button" aria-pressed={settings.folding} onClick={act(() => change({ folding: !settings.folding }))}>
        {settings.folding ? 'Show idle time' : 'Fold idle time'} <kbd>g</kbd>
      </button>
      <button type="button" onClick={act(() => change({ grouping: other }))}>
        Lanes by {other}
      </button>
      <button type="button" onClick={act(() => view.toggleMarker())}>
        Mark this time <kbd>m</kbd>
      </button>
      {!isFile && (
        <button
          type="button"
          aria-pressed={settings.keeping}
          onClick={act(() => change({ keeping: !settings.keeping }))}
        >
          {settings.keeping ? 'Do not keep over reload' : 'Keep over reload'}
        </button>
      )}
      <hr />
      <button type="button" onClick={() => input.current?.click()}>
        Open a recording …
      </button>
      {fileKinds.map((kind) => (
        <button key={kind.name} type="button" onClick={act(() => saveFile(kind, model))}>
          {kind.title}
        </button>
      ))}
      <hr />
      {!isFile && (
        <button type="button" onClick={isAsked ? act(clear) : () => setAsked(true)}>
          {isAsked ? 'Clear for good, earlier visits too' : 'Clear …'}
        </button>
      )}
      <button type="button" onClick={act(onKeys)}>
        Keys <kbd>?</kbd>
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept=".json,.jsonl,application/json"
        aria-label="Recording"
        onChange={({ target }) => {
          const file = target.files?.[0]
          target.value = ''
          list.current?.hidePopover()
          if (file !== undefined) void openFile(file, onOpen, say)
        }}
      />
    </>
  )
}
