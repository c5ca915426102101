import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { ServiceManagerWishes } from '#config/service-manager.ts';
import { ServiceManager, type Tell } from '#service-manager.ts';

/** Long enough for what waits for promises alone. */
async function told(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

function managerFor(t: Test, wishes: ServiceManagerWishes, tell?: Tell) {
  const said: string[][] = [];
  const warnings: string[] = [];
  const manager = new ServiceManager({
    log: { warn: (...[, text]: unknown[]) => void warnings.push(String(text)) },
    wishes,
    tell: tell ?? (async (lines) => void said.push([...lines])),
  });
  t.teardown(() => manager.close());
  return { manager, said, warnings };
}

t.test('a service manager is told what becomes of the service, in order', async (t) => {
  const { manager, said } = managerFor(t, { isTold: true, watchdogMs: undefined });
  manager.ready();
  const beforeUs = process.hrtime.bigint() / 1000n;
  manager.reloading();
  manager.ready();
  manager.stopping();
  await told();
  t.same(
    said.map(([first]) => first),
    ['READY=1', 'RELOADING=1', 'READY=1', 'STOPPING=1'],
  );
  const [, clock = ''] = said[1] ?? [];
  t.match(clock, /^MONOTONIC_USEC=\d+$/);
  const sinceUs = BigInt(clock.split('=')[1] ?? '') - beforeUs;
  t.ok(sinceUs >= 0n && sinceUs < 60_000_000n, 'microseconds of the clock that only goes forward');
});

t.test('the second is told when the first has been, not before', async (t) => {
  const first = Promise.withResolvers<void>();
  const said: string[] = [];
  const { manager } = managerFor(t, { isTold: true, watchdogMs: undefined }, (lines) => {
    said.push(lines[0] ?? '');
    return first.promise;
  });
  manager.ready();
  manager.stopping();
  await told();
  t.same(said, ['READY=1']);
  first.resolve();
  await told();
  t.same(said, ['READY=1', 'STOPPING=1']);
});

t.test('a watchdog hears twice in its time, from when it serves until it is closed', async (t) => {
  t.clock.enter();
  t.teardown(() => t.clock.exit());
  const { manager, said } = managerFor(t, { isTold: true, watchdogMs: 30_000 });
  t.clock.advance(60_000);
  manager.ready();
  manager.ready();
  t.clock.advance(14_999);
  t.clock.advance(1);
  t.clock.advance(15_000);
  manager.close();
  t.clock.advance(60_000);
  await told();
  t.same(
    said.map(([first]) => first),
    ['READY=1', 'READY=1', 'WATCHDOG=1', 'WATCHDOG=1'],
  );
});

t.test('nobody is told where nobody wants to be', async (t) => {
  const { manager, said } = managerFor(t, { isTold: false, watchdogMs: undefined });
  manager.ready();
  manager.stopping();
  await told();
  t.same(said, []);
});

t.test('what cannot be told is said once, and the service goes on', async (t) => {
  const { manager, warnings } = managerFor(t, { isTold: true, watchdogMs: undefined }, () =>
    Promise.reject(new Error('spawn systemd-notify ENOENT')),
  );
  manager.ready();
  manager.stopping();
  await told();
  t.same(warnings, ['Cannot tell systemd how the service fares, is systemd-notify installed?']);
});
