/** Gives the keyboard to what the tab of a panel shows: what had it is about to go. */
export function focusView(panel: Element | null): void {
  panel?.querySelector<HTMLElement>('.af-view [tabindex]')?.focus()
}
