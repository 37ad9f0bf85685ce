import { text } from './names.ts'
import type { RecordModel } from './record-model.ts'
import type { SessionHistory } from './sessions.ts'

/** What things are called on this screen. Names of people never come from records. */
export interface Names {
  /** Such as `alice`, or `Account 1`. `account` is the random id, `null` where it was not told. */
  account(session: string, account: string | null): string
  /** Such as `Tab B`. */
  tab(tab: string): string
}

/** `Account 1`, `Tab A`: all that records know. */
export function plainNames(model: RecordModel): Names {
  return {
    account: (session, account) => `Account ${model.labels.account(session, account)}`,
    tab: (tab) => model.labels.tab(tab),
  }
}

/** The session that a record is about, or else its flight. */
export function sessionAt(model: RecordModel, row: number): SessionHistory | undefined {
  const flight = model.flightOf(row)?.row ?? row
  const [own, its] = [row, flight].map((each) => text(model.columns.record(each).attributes, 'session.id'))
  return model.sessions.all.get(own ?? its ?? '')
}

/** Whose it is; empty where it is nobody's. */
export function accountAt(model: RecordModel, row: number, names: Names): string {
  const session = sessionAt(model, row)
  return session === undefined ? '' : names.account(session.id, session.account)
}
