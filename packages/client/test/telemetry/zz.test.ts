import { expect, test } from 'vitest'
import { setUp } from '../support/app.ts'
import * as m from '@opentelemetry/sdk-trace-base'
import { trace } from '@opentelemetry/api'
test('x', () => expect([m, trace, setUp]).toBeDefined())
