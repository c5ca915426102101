import net from 'node:net';
import process from 'node:process';
import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { PassedSockets } from '#net/passed-socket.ts';
import { SharedSocket } from '#net/shared-socket.ts';
import { closeSockets, draftOrders, type Orders, ownPortsOf } from '#supervisor/orders.ts';
import { configText } from '../../fixtures/config.ts';
import { needProc, openFiles } from '../../fixtures/process-state.ts';
import { closedPort, turns } from '../../fixtures/sockets.ts';
import { ip } from '../../fixtures/subject.ts';

async function draft(listeners: Readonly<Record<string, number>>, previous?: Orders): Promise<Orders> {
  const list = Object.entries(listeners).map(
    ([name, port]) => `{ name: ${name}, address: "127.0.0.1:${port}" }`,
  );
  const text = configText().replace(/listeners: .*/, `listeners: [${list.join(', ')}]`);
  return draftOrders(await parseConfig(text), new PassedSockets(), previous);
}

const socketsOf = ({ sockets }: Orders) => [...sockets.values()];

t.test('draftOrders() binds what is new and keeps what is there', async (t) => {
  const port = await closedPort();
  const first = await draft({ a: 0, b: 0, c: port });
  const [a, b, c] = socketsOf(first);
  t.not(a?.address.port, b?.address.port, 'two names, two ports');
  t.equal(c?.address.port, port);
  const second = await draft({ b: 0, renamed: port, d: 0 }, first);
  t.same(
    socketsOf(second).slice(0, 2),
    [b, c],
    'an address makes a listener, and a name where the system chose the port',
  );
  closeSockets(first, second);
  closeSockets(second);
});

t.test(
  'draftOrders() takes over what was handed over, under whatever name, and leaves it open',
  async (t) => {
    const held = new SharedSocket({ host: '127.0.0.1', port: 0 });
    const passed = new PassedSockets(new Map([['weir', [held.handle.fd]]]));
    const draftFor = async (name: string, previous?: Orders): Promise<Orders> => {
      const listeners = `listeners: [{ name: ${name}, address: "systemd:weir" }]`;
      return draftOrders(
        await parseConfig(configText().replace(/listeners: .*/, listeners)),
        passed,
        previous,
      );
    };
    const first = await draftFor('main');
    const second = await draftFor('other', first);
    t.same(socketsOf(second), socketsOf(first));
    t.equal(socketsOf(second)[0]?.address.port, held.address.port);
    closeSockets(first);
    t.equal(passed.take('weir').handle.fd, held.handle.fd, 'a later reload finds it');
    t.ok(ownPortsOf(second, 9128).has(ip('127.0.0.1'), held.address.port));
  },
);

t.test('ownPortsOf() has the real ports of the listeners, and the admin port', async (t) => {
  const orders = await draft({ a: 0 });
  const [a] = socketsOf(orders);
  const own = ownPortsOf(orders, 9128);
  const known = [a?.address.port ?? 0, 9128, 0, 9].map((port) => own.has(ip('127.0.0.1'), port));
  t.same(known, [true, true, false, false]);
  closeSockets(orders);
});

t.test('draftOrders() leaves nothing open where an address cannot be bound', async (t) => {
  if (!needProc(t)) return;
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const taken = (server.address() as net.AddressInfo).port;
  const first = await draft({ kept: 0 });
  await turns();
  const before = openFiles(process.pid);
  await t.rejects(draft({ kept: 0, free: 0, taken }, first), {
    code: 'EADDRINUSE',
    message: /listener "taken".* 127\.0\.0\.1:/,
  });
  await turns();
  t.equal(openFiles(process.pid), before, 'neither less nor more');
  closeSockets(first);
  await turns();
  t.equal(openFiles(process.pid), before - 1);
});
