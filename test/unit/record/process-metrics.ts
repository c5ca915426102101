import { readdirSync } from 'node:fs';
import process from 'node:process';
import { Registry } from 'prom-client';
import t from 'tap';
import { registerProcessMetrics } from '#record/process-metrics.ts';

t.test('registerProcessMetrics() has those of Node but for the dear ones', async (t) => {
  const registry = new Registry();
  registerProcessMetrics(registry);
  const text = await registry.metrics();
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'nodejs_gc_duration_seconds',
  ]) {
    t.match(text, `# TYPE ${name} `);
  }
  t.notMatch(text, /nodejs_active/);
});

t.test('process_open_fds is the number of open descriptors', async (t) => {
  const registry = new Registry();
  registerProcessMetrics(registry);
  const found = Number(/^process_open_fds (.*)$/m.exec(await registry.metrics())?.[1]);
  if (process.platform === 'linux')
    t.ok(Math.abs(found - readdirSync('/proc/self/fd').length) <= 3, String(found));
  else t.ok(Number.isNaN(found));
});
