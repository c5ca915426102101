import t from 'tap';
import { REASONS } from '#errors.ts';
import { LimitExceeded } from '#limit/exceeded.ts';
import type { LimitOptions, Resource } from '#limit/options.ts';
import { limitOptions } from '../../fixtures/limits.ts';

type Row = readonly [
  Partial<LimitOptions>,
  retryMs: number | undefined,
  policy: string,
  limit: string,
  retry: string,
];

const TABLE: Readonly<Record<Resource, Row>> = {
  requests: [{ requests: { perSecond: 50, burst: 100 } }, 20, '"few";q=100;w=2', '"few";r=0;t=1', '1'],
  tunnels: [{ tunnels: 500 }, undefined, '"few";q=500;qu="concurrent-requests"', '"few";r=0', '1'],
  bandwidth: [{ bandwidth: 1024 }, undefined, '"few";q=1024;qu="content-bytes";w=1', '"few";r=0', '1'],
  bytesPerDay: [
    { bytesPerDay: 4096 },
    7_000_001,
    '"few";q=4096;qu="content-bytes";w=86400',
    '"few";r=0;t=7001',
    '7001',
  ],
};

for (const [resource, [parts, retryMs, policy, limit, retry]] of Object.entries(TABLE) as [Resource, Row][]) {
  t.test(`LimitExceeded tells a client about ${resource}`, async (t) => {
    const error = new LimitExceeded(limitOptions(parts), resource, { rule: 'login', retryMs });
    t.match(error, { limit: 'few', rule: 'login' });
    t.match(REASONS[error.reason], { status: 429, outcome: 'limited' });
    t.same(error.fields, ['Retry-After', retry, 'RateLimit-Policy', policy, 'RateLimit', limit]);
    t.match(error.message, 'Limit "few" of rule "login" is used up');
  });
}

t.test('LimitExceeded has a window of a second at least', async (t) => {
  const tell = (requests: LimitOptions['requests']): string | undefined =>
    new LimitExceeded(limitOptions({ requests }), 'requests', { rule: 'x', retryMs: 0 }).fields[3];
  t.equal(tell({ perSecond: 100, burst: 1 }), '"few";q=1;w=1');
  t.equal(tell(undefined), '"few";q=0;w=1');
});

t.test('LimitExceeded tells no number that a structured field cannot hold', async (t) => {
  const tell = (resource: Resource): string | undefined => {
    const options = limitOptions({ [resource]: 999_999_999 * 2 ** 40 });
    return new LimitExceeded(options, resource, { rule: 'x', retryMs: undefined }).fields[3];
  };
  t.equal(tell('bytesPerDay'), '"few";q=999999999999999;qu="content-bytes";w=86400');
  t.equal(tell('bandwidth'), '"few";q=999999999999999;qu="content-bytes";w=1');
});
