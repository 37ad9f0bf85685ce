import { begin } from './actor.ts'
import { authorize, users } from './authority.ts'
import { signInAs } from './operations/several.ts'
import { letRest } from './rest.ts'
import type { Opening } from './schedule.ts'
import type { World } from './world.ts'

/** Brings a world to where a schedule begins, with everything going well: Ada signs in, and the tabs open. */
export async function open(world: World, { tabs, clients, begins, age }: Opening): Promise<void> {
  const first = world.join(world.open())
  if (begins !== 'nobody') {
    begin(world, first, 'signIn', async () => {
      const [ada] = users
      if (!ada) return
      if (!first.own) return void (await signInAs(world, first, ada.login, false))
      const { data } = await first.own.signIn()
      const state = new URL(data.url ?? '').searchParams.get('state') ?? ''
      const code = authorize(world.authority, ada)
      await first.own.handleRedirect(`https://app.explorer.test/?state=${state}&code=${code}`)
    })
    await letRest(world, () => world.calls.every(({ settled }) => settled))
  }
  for (let count = 1; count < tabs; count += 1) world.open()
  for (const tab of world.tabs) {
    for (let count = tab === first.tab ? 1 : 0; count < clients; count += 1) world.join(tab)
  }
  if (begins === 'signed in') await letRest(world, () => true)
  world.database.flush()
  if (age > 0) world.sleep(age)
}
