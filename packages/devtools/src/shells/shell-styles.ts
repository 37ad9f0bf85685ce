import { themes } from '../react/look/themes.ts'
import { unseen } from '../react/look/unseen.ts'

/** What the shells need before the panel is loaded. */
export const shellStyles = `
${themes}
.af-floating { position: static; min-height: 0; background: none; container: none; }
.af-open { position: fixed; z-index: 2147483000; bottom: 16px; right: 16px; width: 44px; height: 44px; display: grid; place-items: center; border-radius: 50%; color: var(--af-ink) !important; background: var(--af-ground) !important; border: 1px solid var(--af-line) !important; box-shadow: 0 2px 12px rgb(0 0 0 / 0.2); }
.af-open:hover { border-color: var(--af-muted) !important; }
.af-floating[data-position='bottom-left'] .af-open { right: auto; left: 16px; }
.af-dock { position: fixed; z-index: 2147483000; inset: auto 0 0 0; border-top: 1px solid var(--af-line); box-shadow: 0 -4px 24px rgb(0 0 0 / 0.14); background: var(--af-ground); }
.af-dock-handle { position: absolute; z-index: 6; inset: -5px 0 auto 0; height: 10px; cursor: row-resize; touch-action: none; }
.af-dock-handle::before { content: ''; position: absolute; inset: -12px 0 -2px; }
.af-dock-handle:hover, .af-dock-handle:focus-visible { background: color-mix(in srgb, var(--af-accent) 45%, transparent); }
.af-dock-close { position: absolute; z-index: 7; right: 8px; top: -28px; width: 36px; height: 28px; display: grid; place-items: center; background: var(--af-ground) !important; border: 1px solid var(--af-line) !important; border-bottom: 0 !important; border-radius: 8px 8px 0 0; }
`

export const viewerStyles = `
body { margin: 0; }
${unseen}
.af-viewer { min-height: 100dvh; display: grid; place-items: center; padding: 24px; }
.af-drop { display: grid; justify-items: center; gap: 12px; width: min(520px, 100%); padding: 56px 32px; text-align: center; border: 2px dashed var(--af-line); border-radius: 16px; background: var(--af-surface); font-size: 14px; text-wrap: pretty; }
.af-drop[data-dropping] { border-color: var(--af-accent); }
.af-drop h1 { font-size: 20px; font-weight: 650; }
.af-drop > p { color: var(--af-muted); max-width: 44ch; }
.af-drop .af-primary { height: 36px; padding: 0 18px; border-radius: 18px; background: var(--af-accent); color: var(--af-on-accent); border-color: transparent; }
.af-drop .af-drop-message:not(:empty) { color: var(--af-rejected-ink); background: var(--af-rejected-fill); padding: 8px 12px; border-radius: 8px; }
`
