import { Registry } from 'prom-client';
import t from 'tap';
import { histogram, histogramsBy } from '#record/histogram.ts';

const OPTIONS = { name: 'test_seconds', help: 'Tests', bounds: [0.1, 1] };

t.test(
  'observe() counts into the first bucket that is large enough, and render() adds them up',
  async (t) => {
    const registry = new Registry();
    const seconds = histogram(registry, OPTIONS);
    for (const value of [0.05, 0.1, 0.5, 1, 7]) seconds.observe(value);
    t.equal(
      await registry.metrics(),
      [
        '# HELP test_seconds Tests',
        '# TYPE test_seconds histogram',
        'test_seconds_bucket{le="0.1"} 2',
        'test_seconds_bucket{le="1"} 4',
        'test_seconds_bucket{le="+Inf"} 5',
        'test_seconds_sum 8.65',
        'test_seconds_count 5',
        '',
      ].join('\n'),
    );
  },
);

t.test('histogramsBy() has a histogram for each value of its label from the start', async (t) => {
  const registry = new Registry();
  const phases = histogramsBy(registry, { ...OPTIONS, label: 'phase', values: ['dns', 'total'] });
  phases.dns.observe(0.5);
  const text = await registry.metrics();
  t.match(text, 'test_seconds_bucket{phase="dns",le="1"} 1\n');
  t.match(text, 'test_seconds_count{phase="dns"} 1\n');
  t.match(text, 'test_seconds_count{phase="total"} 0\n');
});

t.test('histogram() renders what prom-client renders', async (t) => {
  const ours = new Registry();
  const theirs = new Registry();
  const { Histogram } = await import('prom-client');
  const label = { label: 'phase', values: ['dns'] as const };
  const mine = histogramsBy(ours, { ...OPTIONS, ...label }).dns;
  const { name, help, bounds } = OPTIONS;
  const reference = new Histogram({
    name,
    help,
    buckets: bounds,
    labelNames: ['phase'],
    registers: [theirs],
  });
  for (const value of [0, 0.1, 0.10001, 1, 2]) {
    mine.observe(value);
    reference.observe({ phase: 'dns' }, value);
  }
  const sorted = async (registry: Registry): Promise<string[]> =>
    (await registry.metrics())
      .replaceAll(/\{le="([^"]+)",phase="dns"\}/g, '{phase="dns",le="$1"}')
      .split('\n');
  t.same(await sorted(ours), await sorted(theirs));
});
