/** A limit says no: the error, and what its answer tells a client that wants to behave (draft-ietf-httpapi-ratelimit-headers). */
import { ProxyError, type Reason } from '#errors.ts';
import type { LimitOptions, Resource } from './options.ts';

const REASON_OF: Readonly<Record<Resource, Reason>> = {
  requests: 'requests_exceeded',
  tunnels: 'tunnels_exceeded',
  bandwidth: 'bandwidth_exceeded',
  bytesPerDay: 'bytes_exceeded',
};
const DAY_S = 86_400;
/** Where nobody knows when there will be some again. */
const RETRY_AFTER_S = 1;

export class LimitExceeded extends ProxyError {
  /** Name of the limit. */
  readonly limit: string;
  /** Retry-After, RateLimit-Policy and RateLimit, for the answer. */
  readonly fields: readonly string[];

  /** `rule`: whose limit it is; `retryMs`: when there will be some again, where that is known. */
  constructor(
    options: LimitOptions,
    resource: Resource,
    { rule, retryMs }: { readonly rule: string; readonly retryMs: number | undefined },
  ) {
    const detail = `Limit "${options.name}" of rule "${rule}" is used up: ${resource}`;
    super(REASON_OF[resource], { rule, detail });
    this.limit = options.name;
    this.fields = fieldsOf(options, resource, retryMs);
  }
}

function fieldsOf(options: LimitOptions, resource: Resource, retryMs: number | undefined): string[] {
  const retryS = retryMs === undefined ? undefined : Math.max(1, Math.ceil(retryMs / 1000));
  const reset = retryS === undefined ? '' : `;t=${retryS}`;
  return [
    ...['Retry-After', String(retryS ?? RETRY_AFTER_S)],
    ...['RateLimit-Policy', `"${options.name}";${policyOf(options, resource)}`],
    ...['RateLimit', `"${options.name}";r=0${reset}`],
  ];
}

/** Structured fields have no greater integers (RFC 9651 section 3.3.1). */
const MOST = 999_999_999_999_999;

/** Quota and window, and what is counted where that is not requests. */
function policyOf({ requests, tunnels, bandwidth, bytesPerDay }: LimitOptions, resource: Resource): string {
  if (resource === 'tunnels') return `q=${tunnels};qu="concurrent-requests"`;
  if (resource === 'bandwidth') return `q=${Math.min(Number(bandwidth), MOST)};qu="content-bytes";w=1`;
  if (resource === 'bytesPerDay')
    return `q=${Math.min(Number(bytesPerDay), MOST)};qu="content-bytes";w=${DAY_S}`;
  const { burst = 0, perSecond = 1 } = requests ?? {};
  return `q=${burst};w=${Math.max(1, Math.ceil(burst / perSecond))}`;
}
