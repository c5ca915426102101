import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type MeetingPoint, openMeetingPoint } from '#supervisor/meeting-point.ts';
import { NextSupervisor } from '#supervisor/next-supervisor.ts';
import type { Order, Report } from '#supervisor/protocol.ts';
import { UnixLine } from '#supervisor/unix-line.ts';
import { eventually } from '../../fixtures/within.ts';

const HELLO = { kind: 'hello', hello: { pid: 7 } } as unknown as Report;

function start(t: Test) {
  const directory = mkdtempSync(join(tmpdir(), 'weir-ns-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const orders: Order[] = [];
  const said: string[] = [];
  const next = new NextSupervisor({
    directory,
    hello: () => HELLO,
    onOrder: (order) => orders.push(order),
    onFound: () => said.push('found'),
    onLost: () => said.push('lost'),
  });
  t.teardown(() => next.close());
  return { directory, orders, said, next };
}

/** A supervisor that keeps what it hears. */
async function supervisorIn(directory: string) {
  const heard: unknown[] = [];
  const lines: UnixLine[] = [];
  const door: MeetingPoint = await openMeetingPoint(directory, (socket) =>
    lines.push(new UnixLine(socket, { onMessage: (one) => heard.push(one), onClosed: () => {} })),
  );
  const end = (): void => {
    door.close();
    for (const line of lines) line.close();
  };
  return { heard, lines, end };
}

t.test('NextSupervisor looks until one is there, and again when it is gone', async (t) => {
  const { directory, orders, said, next } = start(t);
  t.equal(await next.isThere(1), false);
  await next.report(HELLO);
  next.seek();
  t.equal(await next.isThere(1), false, 'nobody has come yet');
  const first = await supervisorIn(directory);
  t.equal(await next.isThere(20_000), true);
  t.equal(await next.isThere(0), true);
  await next.report({ kind: 'lines', text: 'one' });
  await eventually(() => first.heard.length === 2, 'both to be heard');
  t.same(first.heard, [HELLO, { kind: 'lines', text: 'one' }]);
  await first.lines[0]?.send({ kind: 'drain' });
  await eventually(() => orders.length === 1, 'the order');
  first.end();
  await eventually(() => said.length === 2, 'the loss');
  const second = await supervisorIn(directory);
  await eventually(() => second.heard.length === 1, 'the first word to the second');
  t.same(said, ['found', 'lost', 'found']);
  next.close();
  second.end();
  t.same(said, ['found', 'lost', 'found'], 'who has hung up has lost nobody');
});

t.test('NextSupervisor does not come at once again to one that lets nobody in', async (t) => {
  const { directory, next } = start(t);
  const came: number[] = [];
  const door = await openMeetingPoint(directory, (socket) => {
    came.push(performance.now());
    socket.destroy();
  });
  next.seek();
  await eventually(() => came.length === 2, 'it to come again');
  const [first = 0, second = 0] = came;
  t.ok(second - first > 400, 'it has waited');
  door.close();
});

t.test('NextSupervisor looks no more when it is closed', async (t) => {
  const { directory, said, next } = start(t);
  const supervisor = await supervisorIn(directory);
  next.seek();
  next.close();
  t.equal(await next.isThere(50), false);
  t.same([said, supervisor.heard], [[], []]);
  supervisor.end();
});
