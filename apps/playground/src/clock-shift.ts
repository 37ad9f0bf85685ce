/** Makes this page's clock wrong on purpose: `Date.now`, which is what the client and the page's countdown go by. */

const rightNow = Date.now.bind(Date)

/** `shift` in milliseconds; 0 sets the clock right. */
export function shiftClock(shift: number): void {
  Date.now = shift === 0 ? rightNow : () => rightNow() + shift
}
