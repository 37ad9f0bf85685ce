import { Ellipsis } from 'lucide-react'
import { useId, useRef } from 'react'
import type { Opened } from './auth-devtools-panel.tsx'
import { usePanel } from './context.ts'
import { openFile } from './file-bar.tsx'
import { type FileKind, saveFile } from './files.ts'

interface MenuProps {
  readonly onOpen: (opened: Opened) => void
  readonly onKeys: () => void
}

const exports: readonly (readonly [FileKind, string])[] = [
  ['otlp', 'Save as OTLP JSON'],
  ['lines', 'Save as OTLP JSONL'],
  ['chrome', 'Save as Chrome trace (Perfetto)'],
  ['report', 'Save report (Markdown)'],
]

/** What is wanted now and then, in a popover of the platform's own. */
export function Menu({ onOpen, onKeys }: MenuProps) {
  const { model, view, settings, change, isFile, say } = usePanel()
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const act = (what: () => unknown) => () => {
    list.current?.hidePopover()
    void Promise.resolve(what()).catch(() => say('That did not succeed.'))
  }
  const place = () => {
    const { right, bottom } = button.current!.getBoundingClientRect()
    const { style, offsetWidth, offsetHeight } = list.current!
    style.left = `${Math.max(4, right - offsetWidth)}px`
    style.top = `${Math.max(4, Math.min(bottom + 2, innerHeight - offsetHeight - 4))}px`
  }
  return (
    <>
      <button ref={button} type="button" className="af-icon" aria-label="More" title="More" popoverTarget={id}>
        <Ellipsis size={15} aria-hidden />
      </button>
      <div
        ref={list}
        id={id}
        className="af-menu"
        popover="auto"
        role="group"
        aria-label="More"
        onToggle={(event) => event.newState === 'open' && place()}
      >
        <button
          type="button"
          aria-pressed={settings.folding}
          onClick={act(() => change({ folding: !settings.folding }))}
        >
          {settings.folding ? 'Show idle time' : 'Fold idle time'} <kbd>g</kbd>
        </button>
        <button
          type="button"
          onClick={act(() => view.toggleMarker(view.live ? view.now() : (view.scale.from + view.scale.to) / 2))}
        >
          Mark this time <kbd>m</kbd>
        </button>
        <hr />
        <button type="button" onClick={() => input.current?.click()}>
          Open a recording …
        </button>
        {exports.map(([kind, title]) => (
          <button key={kind} type="button" onClick={act(() => saveFile(model, kind))}>
            {title}
          </button>
        ))}
        <hr />
        {!isFile && (
          <button type="button" onClick={act(() => model.clear(view.now()))}>
            Clear
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
      </div>
    </>
  )
}
