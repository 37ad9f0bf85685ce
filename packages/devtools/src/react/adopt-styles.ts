import { styles } from './styles.ts'

const adopted = new WeakMap<DocumentOrShadowRoot, { sheet: CSSStyleSheet; users: number }>()

/**
 * Gives a document or shadow root the panel's styles, once for all panels in it. No style element: a strict content
 * security policy allows it. Returns the way to take them back.
 */
export function adoptStyles(root: DocumentOrShadowRoot): () => void {
  const held = adopted.get(root) ?? { sheet: makeSheet(), users: 0 }
  if (held.users++ === 0) root.adoptedStyleSheets = [...root.adoptedStyleSheets, held.sheet]
  adopted.set(root, held)
  return () => {
    if (--held.users === 0) root.adoptedStyleSheets = root.adoptedStyleSheets.filter((sheet) => sheet !== held.sheet)
  }
}

function makeSheet(): CSSStyleSheet {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(styles)
  return sheet
}
