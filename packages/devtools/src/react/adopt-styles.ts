import { styles } from './styles.ts'

const adopted = new WeakMap<DocumentOrShadowRoot, { users: number; remove: () => void }>()

/**
 * Gives a document or shadow root the panel's styles, once for all panels in it. Adopted, so that a strict content security
 * policy allows them; where a browser cannot, by a style element with the nonce. Returns the way to take them back.
 */
export function adoptStyles(root: Document | ShadowRoot, nonce?: string): () => void {
  const held = adopted.get(root) ?? { users: 0, remove: add(root, nonce) }
  held.users++
  adopted.set(root, held)
  return () => {
    if (--held.users > 0) return
    adopted.delete(root)
    held.remove()
  }
}

function add(root: Document | ShadowRoot, nonce: string | undefined): () => void {
  if (!('adoptedStyleSheets' in root)) return addElement(root, nonce)
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(styles)
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]
  return () => {
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => other !== sheet)
  }
}

function addElement(root: Document | ShadowRoot, nonce: string | undefined): () => void {
  const element = document.createElement('style')
  if (nonce !== undefined) element.nonce = nonce
  element.textContent = styles
  const place = root instanceof Document ? root.head : root
  place.append(element)
  return () => element.remove()
}
