/** The namespace of this page's client in storage and among tabs. */
export const clientName = 'playground'
