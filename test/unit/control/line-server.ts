import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { LineServer, type LineServerParts } from '#control/line-server.ts';
import { folderOf } from '../../fixtures/owned.ts';

async function start(t: Test, parts: Partial<LineServerParts> = {}): Promise<string> {
  const path = join(folderOf(t), 's');
  const lines = new LineServer({
    answer: async (line) => `to ${line}`,
    refuse: (kind, why) => `${kind}: ${why}`,
    ...parts,
  });
  const server = net.createServer({ allowHalfOpen: true }, (socket) => lines.take(socket));
  server.listen(path);
  await once(server, 'listening');
  t.teardown(() => {
    lines.close();
    server.close();
  });
  return path;
}

interface Client {
  readonly socket: net.Socket;
  readonly said: Promise<string>;
}

function connect(path: string): Client {
  const socket = net.connect({ path, allowHalfOpen: true });
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  return { socket, said: once(socket, 'close').then(() => text) };
}

function ask(path: string, ...chunks: readonly string[]): Promise<string> {
  const { socket, said } = connect(path);
  for (const chunk of chunks) socket.write(chunk);
  socket.once('end', () => socket.destroy());
  return said;
}

t.test('a line is answered by a line, however it comes, and what follows is not read', async (t) => {
  const path = await start(t);
  t.equal(await ask(path, 'que', 'stion\n'), 'to question\n');
  t.equal(await ask(path, 'question\nanother\n'), 'to question\n');
  const { socket, said } = connect(path);
  socket.end('half closed\n');
  t.equal(await said, 'to half closed\n');
});

// Attacks: bounded.
t.test('a line that does not end is refused: by its length, by its time, by its end', async (t) => {
  const path = await start(t, { lineLimitMs: 500 });
  t.match(await ask(path, 'x'.repeat(70_000)), /^malformed: .*at most 65536 bytes\n$/);
  t.match(await ask(path, `${'x'.repeat(70_000)}\n`), /^malformed: .*at most 65536 bytes\n$/);
  t.match(await ask(path, 'half'), /^malformed: .*within 500 ms\n$/);
  t.match(await ask(path), /^malformed: .*within 500 ms\n$/);
  const { socket, said } = connect(path);
  socket.end('half');
  t.match(await said, /^malformed: .*ends with a line feed\n$/);
});

// Attacks: bounded.
t.test(
  'of a hundred who connect and are silent sixteen are heard, and there is room behind them',
  async (t) => {
    const path = await start(t, { lineLimitMs: 60_000 });
    const silent: Client[] = [];
    for (let i = 0; i < 100; i += 1) {
      const client = connect(path);
      silent.push(client);
      await once(client.socket, 'connect');
      client.socket.once('end', () => client.socket.destroy());
    }
    const refused = await Promise.all(silent.slice(16).map(({ said }) => said));
    t.ok(refused.every((text) => /^busy: 16 others ask just now/.test(text)));
    t.match(await ask(path, 'question\n'), /^busy/);
    for (const { socket } of silent.slice(0, 16)) socket.write('me\n');
    t.same(await Promise.all(silent.slice(0, 16).map(({ said }) => said)), Array(16).fill('to me\n'));
    t.equal(await ask(path, 'question\n'), 'to question\n');
  },
);

t.test('who leaves while it is asked harms nobody, and an answer has a limit', async (t) => {
  const asked = Promise.withResolvers<void>();
  const answers = Promise.withResolvers<string>();
  const path = await start(t, {
    answer(line) {
      if (line !== 'wait') return Promise.resolve('x'.repeat(5 * 1024 * 1024));
      asked.resolve();
      return answers.promise;
    },
  });
  const { socket, said } = connect(path);
  socket.write('wait\n');
  await asked.promise;
  socket.destroy();
  await said;
  answers.resolve('late');
  t.equal(await ask(path, 'all\n'), 'failed: There is too much to tell\n');
});
