import type { History } from './history.ts'
import type { ProfileName } from './setting.ts'
import { operationsOf } from './operations/index.ts'
import { dialectOf, profileNames as profiles } from './profiles.ts'
import { answerNamesOf } from './rows.ts'

/** How far a tab had come with a refresh when it was killed. */
const crashPoints = ['before claim', 'claimed', 'sent', 'rotated', 'answered', 'written', 'noticed'] as const
type CrashPoint = (typeof crashPoints)[number]

/** What has been seen, cell by cell, and how often. A cell is named by its coordinates. */
export type Coverage = Map<string, number>

/** One that no schedule can fill, and why. */
export interface Unreachable {
  readonly cells: string
  readonly because: string
}

export const unreachable: readonly Unreachable[] = [
  {
    cells: 'an operation that is over at once, overlapped by another',
    because: 'it waits for nothing, so nothing can come in between: those with an empty `awaits`',
  },
  {
    cells: 'an operation overlapped while it waits for a message',
    because: 'a message is sent to all and awaited by nobody in particular: it cuts a pause short, which is a timer',
  },
  {
    cells:
      'signIn and send code overlapped at a digest or a lock, handleRedirect and what signs in at once at a lock, a denied redirect at a digest or a request',
    because:
      'it presents no refresh token, so it takes no claim; a denied one brings no code to exchange and no account to name',
  },
  {
    cells: 'an operation of GoTrue overlapped by a redirect, or the other way round',
    because: 'a world has one kind of server: redirects are left to those with the own provider',
  },
  {
    cells: 'signOut overlapped at a lock, a request or an answer',
    because: 'it takes no claim, and nobody waits for its revocation (decision 6)',
  },
  {
    cells: 'a token request that is answered by the device being offline',
    because: 'it is not sent where the device is known to be offline, so nothing answers it',
  },
]

/** All cells that a schedule can fill. */
export function reachableCells(): string[] {
  const overlaps = Object.values(operationsOf).flatMap((operations) =>
    operations.flatMap((first) =>
      first.awaits.flatMap((awaiting) => operations.map((second) => overlapCell(first.name, awaiting, second.name))),
    ),
  )
  const answers = profiles.flatMap((profile) =>
    answerNamesOf(dialectOf(profile))
      .filter((answer) => answer !== 'offline')
      .map((answer) => answerCell(answer, profile)),
  )
  const crashes = crashPoints.flatMap((point) => profiles.map((profile) => crashCell(point, profile)))
  return [...new Set([...overlaps, ...answers, ...crashes])]
}

const overlapCell = (first: string, awaiting: string, second: string): string =>
  `overlap: ${first}, waiting for ${awaiting} | ${second}`
const answerCell = (answer: string, profile: ProfileName): string => `answer: ${answer} | ${profile}`
const crashCell = (point: CrashPoint, profile: ProfileName): string => `crash: ${point} | ${profile}`

/** Adds what a history has shown. */
export function cover(coverage: Coverage, { facts, setting: { profile } }: History): void {
  const add = (cell: string): void => void coverage.set(cell, (coverage.get(cell) ?? 0) + 1)
  const stages = new Map<string, CrashPoint>()
  const senders = new Map<number, string>()
  for (const fact of facts) {
    switch (fact.kind) {
      case 'operated':
        for (const { operation, awaiting } of fact.amid) add(overlapCell(operation, awaiting, fact.operation))
        break
      case 'called':
        if (fact.call.operation === 'refreshSession') stages.set(fact.call.tab, 'before claim')
        break
      case 'wrote':
        if (fact.writes.some(({ after }) => after?.kind === 'claim')) stages.set(fact.tab, 'claimed')
        else if (
          stages.get(fact.tab) === 'answered' &&
          fact.writes.some(({ before, after }) => before?.kind === 'slot' && after?.kind === 'slot')
        )
          stages.set(fact.tab, 'written')
        break
      case 'sent':
        if (fact.endpoint === 'refresh') {
          senders.set(fact.request, fact.tab)
          stages.set(fact.tab, 'sent')
        }
        break
      case 'arrived': {
        const tab = senders.get(fact.request)
        if (tab && fact.acted && fact.row !== 'refused') stages.set(tab, 'rotated')
        break
      }
      case 'answered': {
        const tab = senders.get(fact.request)
        if (!tab) break
        add(answerCell(fact.row, profile))
        if (fact.meaning === 'tokens') stages.set(tab, 'answered')
        else stages.delete(tab)
        break
      }
      case 'unheard': {
        const tab = senders.get(fact.request)
        if (tab && fact.because === 'aborted') stages.delete(tab)
        break
      }
      case 'settled':
        // What was under way and wrote nothing is over.
        if (stages.get(fact.call.tab) === 'before claim') stages.delete(fact.call.tab)
        break
      case 'posted':
        if (fact.message === 'changed' && stages.get(fact.tab) === 'written') stages.set(fact.tab, 'noticed')
        break
      case 'deed': {
        const stage = fact.tab && stages.get(fact.tab)
        if (fact.deed === 'killed' && stage) add(crashCell(stage, profile))
        break
      }
      default:
    }
  }
}

/** The reachable cells that nothing has filled. */
export const emptyCells = (coverage: Coverage): string[] => reachableCells().filter((cell) => !coverage.has(cell))
