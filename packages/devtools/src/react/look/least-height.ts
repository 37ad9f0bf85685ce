/** Of the panel, in pixels. */
export const leastHeight = 160
