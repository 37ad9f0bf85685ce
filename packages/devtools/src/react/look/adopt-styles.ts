const adopted = new WeakMap<Document | ShadowRoot, Map<string, { users: number; remove: () => void }>>()
const nonces = new WeakMap<Document | ShadowRoot, string>()

/**
 * Gives a document or shadow root styles, once for all who ask for them. Adopted, so that a strict content security policy
 * allows them; where a browser cannot, by a style element with the nonce. Returns the way to take them back.
 */
export function adoptStyles(root: Document | ShadowRoot, styles: string, nonce?: string): () => void {
  if (nonce !== undefined) nonces.set(root, nonce)
  const here = adopted.get(root) ?? new Map<string, { users: number; remove: () => void }>()
  adopted.set(root, here)
  const held = here.get(styles) ?? { users: 0, remove: add(root, styles) }
  held.users++
  here.set(styles, held)
  return () => {
    if (--held.users > 0) return
    here.delete(styles)
    held.remove()
  }
}

function add(root: Document | ShadowRoot, styles: string): () => void {
  if (!('adoptedStyleSheets' in root)) return addElement(root, styles)
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(styles)
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]
  return () => {
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => other !== sheet)
  }
}

function addElement(root: Document | ShadowRoot, styles: string): () => void {
  const element = document.createElement('style')
  element.nonce = nonces.get(root) ?? ''
  element.textContent = styles
  const place = root instanceof Document ? root.head : root
  place.append(element)
  return () => element.remove()
}
