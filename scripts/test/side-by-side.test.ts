import { describe, expect, test } from 'vitest'
import { doSideBySide } from '../lib/side-by-side.mjs'

describe('doSideBySide', () => {
  test('does as many at a time as there is room, the next as soon as one has ended', async () => {
    const { tasks, begun, end, done } = start(['a', 'b', 'c'])
    expect(begun).toEqual(['a', 'b'])
    await end('b')
    expect(begun).toEqual(['a', 'b', 'c'])
    await end('a')
    await end('c')
    expect(await done).toEqual(tasks.map(({ name }) => `${name} done`))
  })

  test('goes on with what may begin while another waits for what it comes after', async () => {
    const { begun, end } = start(['a', 'b after a', 'c'])
    expect(begun).toEqual(['a', 'c'])
    await end('a')
    expect(begun).toEqual(['a', 'c', 'b'])
  })

  test('shows what each says as if one had been done after the other', async () => {
    const { say, shown, end } = start(['a', 'b', 'c'])
    say('b', 1)
    say('a', 1)
    expect(shown).toEqual(['a1'])
    await end('b')
    say('c', 1)
    say('a', 2)
    expect(shown).toEqual(['a1', 'a2'])
    await end('a')
    expect(shown).toEqual(['a1', 'a2', 'b1', 'c1'])
    say('c', 2)
    expect(shown.at(-1)).toBe('c2')
  })

  test('fails with the task that throws', async () => {
    const broken = { name: 'a', work: () => Promise.reject(new Error('broken')) }
    await expect(doSideBySide([broken], { room: 2, show: () => {} })).rejects.toThrow('broken')
  })

  test('names what could never begin', async () => {
    const lost = { name: 'a', after: ['b'], work: () => Promise.resolve() }
    await expect(doSideBySide([lost], { room: 2, show: () => {} })).rejects.toThrow('a come after what never ends')
  })
})

/** Starts tasks that end when they are told to, two at a time. "b after a" is a task b that comes after a. */
function start(plans: string[]) {
  const begun: string[] = []
  const shown: unknown[] = []
  const ends = new Map<string, (result: string) => void>()
  const voices = new Map<string, (chunk: string) => void>()
  const tasks = plans.map((plan) => {
    const [name = '', after] = plan.split(' after ')
    const work = (say: (chunk: string) => void) => {
      begun.push(name)
      voices.set(name, say)
      return new Promise<string>((resolve) => ends.set(name, resolve))
    }
    return { name, ...(after && { after: [after] }), work }
  })
  const done = doSideBySide(tasks, { room: 2, show: (chunk) => void shown.push(chunk) })
  return {
    tasks,
    begun,
    shown,
    done,
    say: (name: string, line: number) => voices.get(name)?.(`${name}${line}`),
    end: async (name: string) => {
      ends.get(name)?.(`${name} done`)
      await new Promise((resolve) => setTimeout(resolve))
    },
  }
}
