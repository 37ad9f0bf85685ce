import { describe, expect, test } from 'vitest'
import { Complaint } from '../server/complaint.ts'
import { readFlags, readOptions } from '../server/options.ts'

test('nothing set, or set to nothing, leaves everything to the defaults', () => {
  expect(readOptions({})).toEqual({})
  expect(readOptions({ HOST: '', PORT: '', OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toEqual({})
})

test('the authorization server takes the port after the page, unless told otherwise', () => {
  expect(readOptions({ HOST: '0.0.0.0', PORT: '8080' })).toEqual({ host: '0.0.0.0', port: 8080, authPort: 8081 })
  expect(readOptions({ PORT: '8080', AUTH_PORT: '9000' })).toEqual({ port: 8080, authPort: 9000 })
  expect(readOptions({ PORT: '0' })).toEqual({ port: 0, authPort: 0 })
})

test('public addresses are origins', () => {
  expect(readOptions({ PUBLIC_URL: 'https://play.example/', PUBLIC_AUTH_URL: 'http://id.example:81' })).toEqual({
    publicUrl: 'https://play.example',
    publicAuthUrl: 'http://id.example:81',
  })
})

test.each([
  ['https://collector.example/otlp', 'https://collector.example/otlp/'],
  ['http://localhost:4318', 'http://localhost:4318/'],
  ['https://collector.example/otlp/', 'https://collector.example/otlp/'],
])('what is for %s goes below %s', (endpoint, collector) => {
  expect(readOptions({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).collector?.href).toBe(collector)
})

test('what the collector wants beside goes with it', () => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-account=a%20key,x-b=1',
  }
  expect(readOptions(env).collectorHeaders).toEqual({ 'x-account': 'a key', 'x-b': '1' })
})

test('a trace view is asked for by --traces, and nothing else is', () => {
  expect(readFlags([])).toEqual({ traces: false })
  expect(readFlags(['--traces'])).toEqual({ traces: true })
  expect(() => readFlags(['--trace'])).toThrow(new Complaint('There is no --trace here. What there is: --traces.'))
})

describe('what cannot be meant is named', () => {
  test.each([
    [{ PORT: 'eighty' }, 'PORT is eighty, which is no port.'],
    [{ PORT: '70000' }, 'PORT is 70000, which is no port.'],
    [{ AUTH_PORT: '-1' }, 'AUTH_PORT is -1, which is no port.'],
    [{ PUBLIC_URL: 'play.example' }, 'PUBLIC_URL is play.example.'],
    [{ PUBLIC_URL: 'http://play.example/path' }, 'PUBLIC_URL is http://play.example/path.'],
    [{ PUBLIC_AUTH_URL: 'ftp://id.example' }, 'PUBLIC_AUTH_URL is ftp://id.example.'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT is no http address.'],
  ])('%j', (env, sentence) => {
    expect(() => readOptions(env)).toThrow(Complaint)
    expect(() => readOptions(env)).toThrow(sentence)
  })

  test('without the password that may stand in it', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'ops:canary_word@collector.example:4318' }
    expect(() => readOptions(env)).toThrow(/^(?!.*canary).*$/)
  })
})
