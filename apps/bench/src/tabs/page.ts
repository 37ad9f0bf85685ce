import type { CreateSubject, Place } from '../clients/subject.ts'

/** What a tab answers in one round. */
export interface TabAnswer {
  readonly token: string | null
  /** Milliseconds from the call to its answer. */
  readonly ms: number
}

/** What the benchmark asks of the page in a tab. */
export interface Tab {
  signIn(): Promise<void>
  token(): Promise<string | null>
  /** Sets how far the page's clock is ahead of the machine's, milliseconds. */
  passTime(ms: number): void
  /** Asks for the access token at an instant of the machine's clock, epoch milliseconds. */
  askAt(instant: number): Promise<TabAnswer>
}

declare global {
  interface Window {
    bench?: Tab
    /** Put there by the benchmark. */
    authorize: Place['authorize']
    tokens: Place['tokens']
  }
}

const clockKey = 'bench:clock'

/** Runs in the page, before its client is made: the clock must be right from the first look at it. */
export async function startTab(
  create: CreateSubject,
  email: string,
  options: Parameters<CreateSubject>[1],
): Promise<void> {
  let passed = Number(localStorage.getItem(clockKey))
  const { now } = Date
  Date.now = () => now() + passed

  const { authorize, tokens } = window
  const subject = await create({ issuer: location.origin, clientId: 'spa', email, authorize, tokens }, options)
  const token = async (): Promise<string | null> => {
    try {
      return subject.tokenOf((await subject.ask()) as never)
    } catch {
      return null
    }
  }

  window.bench = {
    signIn: subject.signIn,
    token,
    passTime(ms) {
      passed = ms
      localStorage.setItem(clockKey, String(ms))
    },
    async askAt(instant) {
      await new Promise((resolve) => setTimeout(resolve, instant - now() - 5))
      // A timer is late by milliseconds; both tabs are to call in the same one.
      while (now() < instant);
      const begun = performance.now()
      const answer = await token()
      return { token: answer, ms: performance.now() - begun }
    },
  }
}
