import { ParentBasedSampler, type Sampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-base'

/** Keeps this share of the traces that begin here, and follows the decision of those that came in. */
export const ratioSampler = (share: number): Sampler =>
  new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) })
