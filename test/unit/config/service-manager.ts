import t from 'tap';
import { serviceManagerWishes } from '#config/service-manager.ts';

const SOCKET = { NOTIFY_SOCKET: '/run/systemd/notify' };

const CASES: readonly [why: string, environment: NodeJS.ProcessEnv, isTold: boolean, watchdogMs?: number][] =
  [
    ['no systemd', {}, false],
    ['an empty name is none', { NOTIFY_SOCKET: '' }, false],
    ['a unit of the type notify', SOCKET, true],
    ['an abstract socket', { NOTIFY_SOCKET: '@weir' }, true],
    [
      'a watchdog for this process',
      { ...SOCKET, WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' },
      true,
      30_000,
    ],
    ['a watchdog for whoever it is', { ...SOCKET, WATCHDOG_USEC: '1500' }, true, 1.5],
    ['a watchdog for the parent', { ...SOCKET, WATCHDOG_USEC: '30000000', WATCHDOG_PID: '6' }, true],
    ['a watchdog that cannot be told', { WATCHDOG_USEC: '30000000' }, false],
    ['no time', { ...SOCKET, WATCHDOG_USEC: '0' }, true],
    ['no number', { ...SOCKET, WATCHDOG_USEC: '30s' }, true],
  ];

for (const [why, environment, isTold, watchdogMs] of CASES) {
  t.test(`serviceManagerWishes(): ${why}`, async (t) => {
    t.same(serviceManagerWishes(environment, 7), { isTold, watchdogMs });
  });
}

t.test('serviceManagerWishes() goes by this process', async (t) => {
  t.same(serviceManagerWishes(), serviceManagerWishes(process.env, process.pid));
});
