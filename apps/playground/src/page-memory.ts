/** What the page remembers of itself. A browser that blocks site data throws already at the name of the storage. */

type Place = 'localStorage' | 'sessionStorage'

export function recall(place: Place, key: string): string | null {
  try {
    return window[place].getItem(key)
  } catch {
    return null
  }
}

export function remember(place: Place, key: string, value: string): void {
  try {
    window[place].setItem(key, value)
  } catch {
    // Then it is not remembered.
  }
}
