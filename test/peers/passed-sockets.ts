/** Weir with a listening socket that it is handed as by systemd, which stays open whatever becomes of it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { SharedSocket } from '#net/shared-socket.ts';
import { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { RawClient } from '../fixtures/client.ts';
import { owned } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { say, Traffic } from '../fixtures/traffic.ts';
import { keep, weir as runWeir } from '../fixtures/weir.ts';
import { reload, workersOf } from '../fixtures/workers.ts';

const traffic = await Traffic.to(t);
const LISTENERS = '[{ name: main, address: "systemd:weir" }]';

function fileOf(t: Test, keys: Readonly<Record<string, string>> = {}): string {
  const folder = t.testdir({ 'weir.yaml': yamlOf({ openProxy: 'true', listeners: LISTENERS, ...keys }) });
  return join(folder, 'weir.yaml');
}

/** One that the test holds, as systemd would. */
function heldSocket(t: Test): SharedSocket {
  const socket = new SharedSocket({ host: '127.0.0.1', port: 0 });
  t.teardown(() => socket.close());
  return socket;
}

t.test('a listener takes over the socket that it names', async (t) => {
  const socket = heldSocket(t);
  const weir = keep(t, await WeirProcess.startWith(socket.handle.fd, fileOf(t)));
  t.equal(weir.port, socket.address.port);
  t.equal(workersOf(weir).length, 1, 'a supervisor, and the one worker that was asked for');
  const client = await traffic.openTunnel(t, weir);
  await say(client, 'through it');
});

t.test('it never dials itself by that socket', async (t) => {
  const socket = heldSocket(t);
  const weir = keep(t, await WeirProcess.startWith(socket.handle.fd, fileOf(t)));
  const client = owned(t, await RawClient.connect(weir.port));
  const head = await client.tunnel(`origin.example:${weir.port}`);
  t.match(head, / 403 /);
});

t.test('a reload gives a listener another name, and lets go of the socket and takes it again', async (t) => {
  const socket = heldSocket(t);
  const file = fileOf(t);
  const weir = keep(t, await WeirProcess.startWith(socket.handle.fd, file));
  const client = await traffic.openTunnel(t, weir);
  const steps = [
    '[{ name: other, address: "systemd:weir" }]',
    '[{ name: bound, address: 127.0.0.1:0 }]',
    LISTENERS,
  ];
  for (const listeners of steps) await reload(weir, { workers: '1', openProxy: 'true', listeners });
  t.equal(await traffic.statusOf(weir), 200);
  await say(client, 'still there');
});

t.test('a socket that was not handed over ends the start, and says what to do', async (t) => {
  const { status, stderr } = await runWeir('run', '-c', fileOf(t));
  t.equal(status, 78);
  t.match(stderr, /No socket "weir" was handed over \(none\)\. Name it by FileDescriptorName=/);
});

t.test('a reload cannot begin to take over a socket in a process that does it all', async (t) => {
  const file = fileOf(t, { listeners: '[{ name: main, address: 127.0.0.1:0 }]' });
  const weir = keep(t, await WeirProcess.startBy(file));
  writeFileSync(file, yamlOf({ openProxy: 'true', listeners: LISTENERS }));
  weir.signal('SIGHUP');
  const { problems } = await weir.logged('Cannot reload the configuration, the old one serves on');
  t.match(problems, [/^Listener "main" cannot take over the socket "weir" before a restart/]);
  t.equal(await traffic.statusOf(weir), 200);
});
