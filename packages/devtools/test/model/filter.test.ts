import { describe, expect, it } from 'vitest'
import { completeFilter, parseFilter } from '../../src/model/filter.ts'
import { RecordModel } from '../../src/model/record-model.ts'
import { type Names, plainNames } from '../../src/model/whose.ts'
import { claimWait, discardBySignOut, flight, mixed } from '../fixtures.ts'

function modelOf(records: readonly unknown[]): RecordModel {
  const model = new RecordModel()
  model.addAll(records)
  model.settle()
  return model
}

function find(model: RecordModel, query: string, names?: Names): string[] {
  const { test } = parseFilter(query, names)
  return model.columns.records
    .filter((_, row) => test === null || test(model, row))
    .map((record) =>
      `${record.name.replace(/^authflight\.(record\.)?/, '')} ${model.flightOf(model.columns.rowOf(record.id)!)?.number ?? ''}`.trim(),
    )
    .sort()
}

describe('the filter', () => {
  const model = modelOf(mixed())
  it.each([
    ['is:refresh outcome:failed', ['refresh 2', 'refresh 4']],
    ['is:refresh tab:B', ['refresh 7']],
    ['is:refresh account:2', ['refresh 7']],
    ['is:refresh dur>200', ['refresh 3', 'refresh 7']],
    ['is:refresh dur>=210 dur<240', ['refresh 3']],
    ['http:429', ['token_request 2']],
    ['is:refresh gen:3', ['refresh 4', 'refresh 5']],
    ['is:refresh waiters>12', ['refresh 3']],
    ['is:refresh error:rate', ['refresh 2']],
    ['is:refresh -tab:A', ['refresh 7']],
    ['network', ['network', 'network']],
    ['flight:2 is:token_request', ['token_request 2']],
  ])('%s', (query, found) => {
    expect(find(model, query)).toEqual(found)
  })

  it('finds discards by their reason and contention by its kind', () => {
    expect(find(modelOf(discardBySignOut()), 'reason:signed_out')).toEqual(['discard 1'])
    expect(find(modelOf(claimWait()), 'kind:claim_wait')).toEqual(['contention 2'])
  })

  it('takes tabs and accounts as a whole: A is not AA, 1 not 10', () => {
    const many = Array.from({ length: 27 }, (_, index) =>
      flight({ at: index * 1_000, lasting: 9, session: `s${index}`, account: `a${index}`, tab: `tab-${index}` }),
    )
    const crowd = modelOf(many.flat())
    expect(find(crowd, 'is:refresh tab:A')).toEqual(['refresh 1'])
    expect(find(crowd, 'is:refresh tab:aa')).toEqual(['refresh 27'])
    expect(find(crowd, 'is:refresh account:1')).toEqual(['refresh 1'])
    expect(find(crowd, 'is:refresh account:10')).toEqual(['refresh 10'])
    expect(find(crowd, 'is:refresh account:')).toHaveLength(27)
  })

  it('knows accounts by the names that the app gives them', () => {
    const names = {
      ...plainNames(model),
      account: (_: string, id: string | null) => (id === 'a2' ? 'Bob Sponge' : 'alice'),
    }
    expect(find(model, 'is:refresh account:bob_sponge', names)).toEqual(['refresh 7'])
    expect(find(model, 'is:refresh account:2', names)).toEqual(['refresh 7'])
    expect(find(model, 'is:refresh -account:Alice', names)).toEqual(['refresh 7'])
    expect(completeFilter('account:b', model, names)).toEqual(['account:Bob_Sponge'])
  })

  it('of nothing is none', () => {
    expect(parseFilter('  ')).toEqual({ test: null, problem: null })
  })

  it.each([
    ['color:red', 'There is no “color”.'],
    ['dur:fast', 'dur takes a number.'],
    ['dur>', 'dur takes a number.'],
    ['tab>3', 'tab is compared with tab:…'],
    ['constructor:x', 'There is no “constructor”.'],
  ])('says what it does not understand: %s', (query, problem) => {
    expect(parseFilter(query).problem).toContain(problem)
  })

  it('takes what it asks for in either case', () => {
    expect(find(model, 'Is:Refresh OUTCOME:Failed')).toEqual(find(model, 'is:refresh outcome:failed'))
  })

  it('still does what it understands', () => {
    expect(find(model, 'is:refresh outcome:failed color:red')).toEqual(['refresh 2', 'refresh 4'])
  })
})

describe('the completion', () => {
  const model = modelOf(mixed())
  it.each([
    ['out', ['outcome:']],
    ['is:refresh out', ['is:refresh outcome:']],
    ['-out', ['-outcome:']],
    ['is:refresh -outcome:f', ['is:refresh -outcome:failed']],
    ['d', ['dur>']],
    ['tab:', ['tab:A', 'tab:B']],
    ['account:', ['account:1', 'account:2']],
    ['outcome:f', ['outcome:failed']],
    ['is:re', ['is:refresh']],
    ['error:', ['error:offline', 'error:rate_limited']],
    ['trace:', []],
    ['__proto__:', []],
  ])('of %j', (query, offered) => {
    expect(completeFilter(query, model)).toEqual(offered)
  })
})
