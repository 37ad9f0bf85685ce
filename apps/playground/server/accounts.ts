export interface Account {
  readonly subject: string
  readonly login: string
  readonly password: string
  readonly name: string
  readonly email: string
}

/** The people of the playground. Their passwords are public: the log-in page shows them. */
export const accounts: readonly Account[] = [
  { subject: 'user-1', login: 'alice', password: 'wonderland', name: 'Alice Liddell', email: 'alice@example.com' },
  { subject: 'user-2', login: 'bob', password: 'builder', name: 'Bob Sponge', email: 'bob@example.com' },
  { subject: 'user-3', login: 'carol', password: 'christmas', name: 'Carol Singer', email: 'carol@example.com' },
]

export function findBySubject(subject: string): Account | undefined {
  return accounts.find((account) => account.subject === subject)
}

export function findByPassword(login: string, password: string): Account | undefined {
  return accounts.find((account) => account.login === login.trim().toLowerCase() && account.password === password)
}
