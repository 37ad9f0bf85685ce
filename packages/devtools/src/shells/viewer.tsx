import { FileUp } from 'lucide'
import { StrictMode, useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { type Opened, PanelOf } from '../react/auth-devtools-panel.tsx'
import { openFile, useFileDrop } from '../react/bars/file-drop.ts'
import { adoptStyles } from '../react/look/adopt-styles.ts'
import { shellStyles, viewerStyles } from './shell-styles.ts'
import { useTheme } from '../react/hooks/use-surroundings.ts'
import { Icon } from '../react/widgets/icon.tsx'

/** The panel for a file: no app, no network, nothing leaves the page. */
function Viewer() {
  const [opened, setOpened] = useState<Opened | null>(null)
  const [message, setMessage] = useState<string | null>(null)
  const drop = useFileDrop(setOpened, setMessage)
  const root = useRef<HTMLElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const choose = useRef<HTMLButtonElement>(null)
  const theme = useTheme('system', root)
  const show = (next: Opened | null) => {
    flushSync(() => setOpened(next))
    choose.current?.focus()
  }
  if (opened !== null) {
    return (
      <main>
        <h1 className="af-unseen">Authflight recording</h1>
        <PanelOf height="100dvh" opened={opened} onOpen={show} canClose />
      </main>
    )
  }
  return (
    <main ref={root} className="af-panel af-viewer" data-theme={theme} {...drop.handlers}>
      <div className="af-drop" data-dropping={drop.isOver || undefined}>
        <Icon of={FileUp} size={32} />
        <h1>Open an Authflight recording</h1>
        <p>
          Drop a file here: OTLP JSON or JSONL, or records as the panel, <code>explain</code> and the explorer write
          them. It is read in this page only.
        </p>
        <button ref={choose} type="button" className="af-pill af-primary" onClick={() => input.current?.click()}>
          Choose a file
        </button>
        <input
          ref={input}
          type="file"
          hidden
          aria-label="Recording"
          accept=".json,.jsonl,application/json"
          onChange={({ target }) => {
            const file = target.files?.[0]
            target.value = ''
            if (file !== undefined) void openFile(file, setOpened, setMessage)
          }}
        />
        <p role="alert" className="af-drop-message">
          {message}
        </p>
      </div>
    </main>
  )
}

adoptStyles(document, shellStyles)
adoptStyles(document, viewerStyles)
createRoot(document.getElementById('viewer')!).render(
  <StrictMode>
    <Viewer />
  </StrictMode>,
)
