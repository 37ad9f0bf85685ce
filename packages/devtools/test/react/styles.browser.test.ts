import { expect, it } from 'vitest'
import { squeeze } from '../../squeeze-styles.ts'
import { lateStyles } from '../../src/react/look/late-styles.ts'
import { styles } from '../../src/react/look/styles.ts'

/** As the browser understands it; a value with a variable it gives back with its spaces. */
function rulesOf(text: string): string[] {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(text)
  return [...sheet.cssRules].map(({ cssText }) => cssText.replaceAll(', ', ','))
}

it.each([
  ['the panel', styles],
  ['what is loaded late', lateStyles],
])('the style sheet of %s says the same without the spaces that a build leaves out', (_, sheet) => {
  expect(rulesOf(sheet).join('').length).toBeGreaterThan(sheet.length / 2)
  expect(rulesOf(squeeze(sheet))).toEqual(rulesOf(sheet))
  expect(squeeze(sheet).length).toBeLessThan(sheet.length * 0.95)
})
