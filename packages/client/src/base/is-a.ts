/** Whether the platform made it as one of this kind, in this window or in another: each has classes of its own. */
export const isA = (kind: string, value: unknown): boolean =>
  Object.prototype.toString.call(value) === `[object ${kind}]`
