/** An error whose message is written for the person at the terminal: it is shown alone, without a stack. */
export class Complaint extends Error {}
