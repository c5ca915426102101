/**
 * Clients and their origin, as a process of its own on the network of whoever starts it, and told what to do by its channel: so many new
 * tunnels a second through 127.0.0.1:3128, each with a few bytes there and back, and some that stay.
 */
import net from 'node:net';
import process from 'node:process';

const PORT = 3128;
const ORIGIN_PORT = 7777;
const HEAD = `CONNECT 127.0.0.1:${ORIGIN_PORT} HTTP/1.1\r\nHost: 127.0.0.1:${ORIGIN_PORT}\r\n\r\n`;

/** What came of the tunnels so far. */
export interface Tally {
  asked: number;
  answered: number;
  /** Why the others were not, each as often as it happened. */
  readonly lost: Record<string, number>;
  /** From the first byte to the answer. */
  longestMs: number;
  /** Of those that stay: how many were cut, and how many just carried bytes. */
  cut: number;
  alive: number;
}

const tally: Tally = { asked: 0, answered: 0, lost: {}, longestMs: 0, cut: 0, alive: 0 };
const kept = new Set<net.Socket>();
const pending = new Set<Promise<void>>();
let timer: NodeJS.Timeout | undefined;

const origin = net.createServer((socket) => void socket.on('error', () => {}).pipe(socket));
origin.listen(ORIGIN_PORT, '127.0.0.1', () => process.send?.('ready'));

/** Resolves with the socket when it carries bytes; undefined: it never did. */
function tunnel(): Promise<net.Socket | undefined> {
  const { promise, resolve } = Promise.withResolvers<net.Socket | undefined>();
  const beganMs = performance.now();
  const socket = net.connect(PORT, '127.0.0.1');
  let got = '';
  tally.asked += 1;
  let isOver = false;
  const lose = (why: string): void => {
    if (isOver) return;
    isOver = true;
    tally.lost[why] = (tally.lost[why] ?? 0) + 1;
    resolve(undefined);
  };
  const onData = (chunk: Buffer): void => {
    got += chunk.toString('latin1');
    if (!got.includes('\r\n\r\n')) return;
    if (got.startsWith('HTTP/1.1 200') && got.endsWith('ping')) {
      tally.answered += 1;
      isOver = true;
      socket.off('data', onData);
      resolve(socket);
    } else if (got.startsWith('HTTP/1.1 200')) {
      tally.longestMs = Math.max(tally.longestMs, performance.now() - beganMs);
      if (got.endsWith('\r\n\r\n')) socket.write('ping');
    } else lose(got.slice(0, got.indexOf('\r\n')));
  };
  socket.on('data', onData);
  socket.on('connect', () => socket.write(HEAD));
  socket.on('error', ({ message }) => lose(message));
  socket.on('close', () => lose('closed'));
  return promise;
}

async function pass(): Promise<void> {
  const socket = await tunnel();
  socket
    ?.removeAllListeners('close')
    .on('error', () => {})
    .end();
  socket?.resume();
}

async function keep(): Promise<void> {
  const socket = await tunnel();
  if (socket === undefined) return;
  kept.add(socket);
  socket.removeAllListeners('close').on('close', () => {
    kept.delete(socket);
    tally.cut += 1;
  });
}

/** Sends bytes through each that stays, and counts those that come back. */
async function sound(): Promise<void> {
  const answers = [...kept].map(async (socket) => {
    const { promise, resolve } = Promise.withResolvers<number>();
    socket.once('data', () => resolve(1));
    socket.once('close', () => resolve(0));
    socket.write('still there');
    return await promise;
  });
  tally.alive = (await Promise.all(answers)).reduce((sum, one) => sum + one, 0);
}

process.on('message', async (order: { what: 'keep' | 'load' | 'rest' | 'sound' | 'end'; rate?: number }) => {
  if (order.what === 'keep') await keep();
  if (order.what === 'load') {
    Object.assign(tally, { asked: 0, answered: 0, lost: {}, longestMs: 0 });
    timer = setInterval(
      () => {
        const passed = pass();
        pending.add(passed);
        void passed.finally(() => pending.delete(passed));
      },
      1000 / (order.rate ?? 1),
    );
  }
  if (order.what === 'rest') {
    clearInterval(timer);
    await Promise.all(pending);
  }
  if (order.what === 'sound') await sound();
  if (order.what === 'end') {
    process.exitCode = 0;
    for (const socket of kept) socket.destroy();
    origin.close();
    process.disconnect?.();
    return;
  }
  process.send?.(tally);
});
