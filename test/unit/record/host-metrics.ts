import { Registry } from 'prom-client';
import t from 'tap';
import { HostMetrics } from '#record/host-metrics.ts';

t.test('reloaded() counts, and tells how the last one went', async (t) => {
  const registry = new Registry();
  const metrics = new HostMetrics(registry);
  const values = async (): Promise<readonly string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('weir_'));
  t.same(await values(), [
    'weir_reloads_total{result="success"} 0',
    'weir_reloads_total{result="failure"} 0',
    'weir_last_reload_successful 1',
  ]);
  metrics.reloaded('failure');
  t.same((await values()).slice(1), [
    'weir_reloads_total{result="failure"} 1',
    'weir_last_reload_successful 0',
  ]);
  metrics.reloaded('success');
  t.same(await values(), [
    'weir_reloads_total{result="success"} 1',
    'weir_reloads_total{result="failure"} 1',
    'weir_last_reload_successful 1',
  ]);
});

t.test('observeAudit() asks at each scrape', async (t) => {
  const registry = new Registry();
  const metrics = new HostMetrics(registry);
  let isFailing = false;
  t.notMatch(await registry.metrics(), 'weir_audit_failing');
  metrics.observeAudit(() => isFailing);
  t.match(await registry.metrics(), 'weir_audit_failing 0\n');
  isFailing = true;
  t.match(await registry.metrics(), 'weir_audit_failing 1\n');
});
