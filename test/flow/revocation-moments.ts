/** When open tunnels are judged again: by the timer itself, and those too that are opened just then. */
import t from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { adopt, type Keys, prove, tunnel } from '../fixtures/judged.ts';
import { rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';
import { slowNameServer } from '../fixtures/slow-name-server.ts';
import { Stopwatch } from '../fixtures/stopwatch.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const CLOSED: Keys = { access: '[{ name: closed, deny: [all] }]' };

/** UTC, as `hours` are written. */
const hourOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(11, 16);

/** A clock that leaps once a tunnel is open, so that no time passes before that, and stands still with this process. */
class LeapingClock implements Disposable {
  readonly #watch = new Stopwatch();
  #leapMs = Date.now();
  readonly now = (): number => Math.floor(this.#leapMs + this.#watch.ms);

  /** Goes on to the last moment before `endMs`, which the timer then finds by itself. */
  leapBefore(endMs: number, { proxy }: TestProxy): void {
    this.#leapMs += endMs - 200 - this.now();
    proxy.judgementDays.look();
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }
}

t.test('until: a tunnel is judged again within a second of the end of its rule', async (t) => {
  await using origin = await rawOrigin();
  using clock = new LeapingClock();
  const endMs = Math.ceil(Date.now() / SECOND_MS) * SECOND_MS + 30 * MINUTE_MS;
  const until = new Date(endMs).toISOString().replace('.000', '');
  await using proxy = await startProxy(
    yamlOf({
      access: `[{ name: short, allow: [all], until: "${until}", onRevoke: cut }, { name: after, deny: [all] }]`,
    }),
    clock,
  );
  const open = await tunnel(proxy, origin);
  await prove(open);
  clock.leapBefore(endMs, proxy);
  await open.client.rest();
  const lateMs = clock.now() - endMs;
  t.ok(lateMs >= 0 && lateMs < SECOND_MS, `cut ${lateMs} ms after the end`);
  t.match(await proxy.ended(1), [{ outcome: 'revoked', reason: 'policy_revoked', rule: 'after' }]);
});

t.test('a time window: its end is noticed without being told', async (t) => {
  await using origin = await rawOrigin();
  using clock = new LeapingClock();
  const beganMs = Date.now();
  const endMs = Math.ceil(beganMs / MINUTE_MS) * MINUTE_MS + 30 * MINUTE_MS;
  await using proxy = await startProxy(
    yamlOf({
      acls: `{ office: { time: { hours: "${hourOf(beganMs - 60 * MINUTE_MS)}-${hourOf(endMs)}" } } }`,
      access: '[{ name: office, allow: [office], onRevoke: cut }]',
    }),
    clock,
  );
  const { client } = await tunnel(proxy, origin);
  clock.leapBefore(endMs, proxy);
  await client.rest();
  const lateMs = clock.now() - endMs;
  t.ok(lateMs >= 0 && lateMs < SECOND_MS, `cut ${lateMs} ms after the end`);
  t.match(await proxy.ended(1), [{ outcome: 'revoked', rule: undefined }]);
});

/** What changes while the name of a tunnel's target is resolved. */
const CHANGES: Readonly<Record<string, (proxy: TestProxy, keys: Keys, leap: () => void) => Promise<void>>> = {
  'another policy comes into force': async (proxy, keys) => {
    await adopt(proxy, { ...keys, ...CLOSED });
  },
  'its rule ends': async (proxy, _, leap) => {
    leap();
    proxy.proxy.judgementDays.look();
  },
};

for (const [what, change] of Object.entries(CHANGES)) {
  t.test(`a tunnel that is being opened when ${what} is judged once it is open`, async (t) => {
    await using server = await slowNameServer();
    await using origin = await rawOrigin();
    const endMs = Math.ceil(Date.now() / SECOND_MS) * SECOND_MS + 30 * MINUTE_MS;
    let leapMs = 0;
    const keys = {
      dns: `{ hostsFile: none, servers: ["${server.address}"] }`,
      access: `[{ name: short, allow: [all], until: "${new Date(endMs).toISOString().replace('.000', '')}", onRevoke: cut }]`,
    };
    await using proxy = await startProxy(yamlOf(keys), { now: () => Date.now() + leapMs });
    await using client = await RawClient.connect(proxy.port);
    client.send(`CONNECT slow.example:${origin.port} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await server.asked;
    await change(proxy, keys, () => {
      leapMs = 31 * MINUTE_MS;
    });
    server.answer();
    await client.rest();
    t.match(await proxy.ended(1), [{ outcome: 'revoked', reason: 'policy_revoked', status: 200 }]);
  });
}
