import type { Fault, FaultKind } from './control.ts'

export interface FaultChoice {
  readonly kind: FaultKind
  readonly label: string
  readonly lookFor: string
  readonly parameter?: FaultParameter
}

export interface FaultParameter {
  readonly name: 'ms' | 'retryAfter'
  readonly label: string
  readonly unit: string
  readonly initial: number
  readonly min: number
  readonly max: number
}

const delay: FaultParameter = {
  name: 'ms',
  label: 'Delay in milliseconds',
  unit: 'ms',
  initial: 3_000,
  min: 1,
  max: 120_000,
}

export const faultChoices: readonly FaultChoice[] = [
  { kind: 'none', label: 'None', lookFor: 'Every refresh is answered at once.' },
  {
    kind: 'delay_answer',
    label: 'Delay the answer',
    lookFor:
      'The server has already rotated the token when the answer waits. Everybody who asks meanwhile joins the one flight.',
    parameter: delay,
  },
  {
    kind: 'delay_request',
    label: 'Delay the request',
    lookFor: 'The old token is still good while the request waits. Sign out now: the answer finds the session gone.',
    parameter: delay,
  },
  {
    kind: 'lose_answer',
    label: 'Lose the answer',
    lookFor:
      'The server rotates and the connection breaks. The session stays, and the old token is not presented again while the access token lives.',
  },
  {
    kind: 'busy',
    label: 'Busy, 429',
    lookFor: 'The client waits as Retry-After asks. You stay signed in; with a dead token the session shows as stale.',
    parameter: { name: 'retryAfter', label: 'Retry-After in seconds', unit: 's', initial: 5, min: 0, max: 3_600 },
  },
  {
    kind: 'error',
    label: 'Server error, 500',
    lookFor:
      'The session stays. Whether the server used the token is unknown, so it is not presented again while the access token lives.',
  },
  {
    kind: 'forbidden',
    label: 'HTML page, 403',
    lookFor: 'A proxy’s page is not the server’s verdict: nobody is signed out.',
  },
  {
    kind: 'refuse',
    label: 'Refuse connections',
    lookFor:
      'As if offline: the session stays, and shows as stale when the access token is dead, with the time of the next try.',
  },
]

export function faultChoice(kind: FaultKind): FaultChoice {
  const found = faultChoices.find((choice) => choice.kind === kind)
  if (!found) throw new Error(`The server names a fault this page does not know: ${kind}`)
  return found
}

/** The fault of a kind with its parameter, or with the parameter's usual value. */
export function faultOf({ kind, parameter }: FaultChoice, value?: number): Fault {
  return parameter ? { kind, [parameter.name]: value ?? parameter.initial } : { kind }
}

/** `Delay the answer, 3,000 ms`. */
export function faultWords(fault: Fault): string {
  const { label, parameter } = faultChoice(fault.kind)
  const value = parameter && fault[parameter.name]
  return value === undefined ? label : `${label}, ${value.toLocaleString('en')} ${parameter?.unit}`
}
