import { version } from 'react'
import { version as domVersion } from 'react-dom'
import { expect, test } from 'vitest'

test('this run is one with the oldest React that is promised to work', () => {
  expect([version, domVersion]).toEqual(['18.3.1', '18.3.1'])
})
