// A page that does some work and tells its parent; the parent then takes it away.
import { trace } from '@opentelemetry/api'
import { startTelemetry } from '../../src/index.ts'

const { pathname, searchParams } = new URL(location.href)
startTelemetry({ serviceName: 'page', endpoint: pathname.replace('/page', '') })
for (let count = 0; count < Number(searchParams.get('spans')); count += 1) {
  trace
    .getTracer('page')
    .startSpan(`span ${count}`, { attributes: { filling: 'x'.repeat(1_000) } })
    .end()
}
parent.postMessage('worked', '*')
