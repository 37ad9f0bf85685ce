import { expect, test } from 'vitest'
import { generate } from '../../mutants/generate.ts'
import { mutate } from '../../mutants/mutant.ts'

/** Each mutant of a function with this body: what it does, and the body it leaves. */
function mutantsOf(body: string, operator?: string): string[] {
  const [head, tail] = ['async function f() {\n', '\n}']
  const text = head + body + tail
  return generate('f.ts', text)
    .filter((mutant) => operator === undefined || mutant.operator === operator)
    .map((mutant) => mutate(text, mutant).slice(head.length, -tail.length))
}

test('a condition is negated, as a whole and each of its sides', () => {
  expect(mutantsOf('if (a && b()) c()', 'negate')).toEqual([
    'if (!(a && b())) c()',
    'if (!(a) && b()) c()',
    'if (a && !(b())) c()',
  ])
  expect(mutantsOf('while (a) b()', 'negate')).toEqual(['while (!(a)) b()'])
  expect(mutantsOf('for (; a; ) b()', 'negate')).toEqual(['for (; !(a); ) b()'])
  expect(mutantsOf('g(a ? b : c)', 'negate')).toEqual(['g(!(a) ? b : c)'])
})

test('a comparison is a condition wherever it stands, and what a default is taken for is none', () => {
  expect(mutantsOf('const is = a === b', 'negate')).toEqual(['const is = !(a === b)'])
  expect(mutantsOf('const is = a && b', 'negate')).toEqual(['const is = !(a) && b'])
  expect(mutantsOf('const is = a ?? b', 'negate')).toEqual([])
})

test('an await is dropped', () => {
  expect(mutantsOf('const a = (await b()).c', 'await')).toEqual(['const a = (b()).c'])
})

test('a statement is dropped, and a declaration is not', () => {
  expect(mutantsOf('const a = b()\nc(a)\nreturn a', 'drop')).toEqual([
    'const a = b()\n;\nreturn a',
    'const a = b()\nc(a)\n;',
  ])
})

test('what a condition guards is dropped once, with it, unless there is another branch', () => {
  expect(mutantsOf('if (a) b()', 'drop')).toEqual([';'])
  expect(mutantsOf('if (a) b()\nelse c()', 'drop')).toEqual([';', 'if (a) ;\nelse c()', 'if (a) b()\nelse ;'])
})

test('two neighbours are swapped, and what is between them stays', () => {
  expect(mutantsOf('a()\n// Why.\nb()', 'swap')).toEqual(['b()\n// Why.\na()'])
})

test.each([
  ['the compiler finds it', 'const a = b()\nc(a)'],
  ['what comes after a jump never happens', 'a()\nreturn b'],
  ['a function is hoisted', 'a()\nfunction b() {}'],
  ['both only read', 'const a = b.c\nconst d = e.f'],
  ['a function that is not called yet does nothing', 'a()\nconst b = () => c()'],
  ['only one of them can leave', "if (a.kind === 'b') return c\nif (a.kind === 'd' && e) return f"],
])('neighbours are not swapped where %s', (_why, body) => {
  expect(mutantsOf(body, 'swap')).toEqual([])
})

test('conditions on different things are swapped', () => {
  expect(mutantsOf("if (a.kind === 'b') return c\nif (d.kind === 'e') return f", 'swap')).toHaveLength(1)
})

test('an id stays when other lines change, and two equal lines have two', () => {
  const ids = (text: string): string[] => generate('f.ts', text).map(({ id }) => id)
  const before = ids('function f() {\n  a()\n}\n')
  const after = ids('// More.\nfunction f() {\n  a()\n}\nfunction g() {\n  a()\n}\n')

  expect(before).toHaveLength(1)
  expect(after).toHaveLength(2)
  expect(after[0]).toBe(before[0])
  expect(after[1]).not.toBe(before[0])
})
