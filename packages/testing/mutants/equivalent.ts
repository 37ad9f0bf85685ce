/** Mutants that nobody can tell from the client, by their id, and why. One that is caught, or is gone, has no place here. */
export const equivalent: Readonly<Record<string, string>> = {}
