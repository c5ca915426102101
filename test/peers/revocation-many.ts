/**
 * Thousands of open tunnels that one reload forbids, in a real process: how long it takes until the last is cut, and for how long
 * at most nothing else is served meanwhile.
 */
import type net from 'node:net';
import t from 'tap';
import { openFilesLimit } from '#net/open-files.ts';
import type { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { tcpOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { openTunnel } from '../fixtures/proxied-socket.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { metric, startWeir } from '../fixtures/weir.ts';
import { reload } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const TUNNELS = 8000;
const AT_A_TIME = 100;
/** Two for each tunnel, here as there, and some for the rest. */
const FILES = 2 * TUNNELS + 500;
/** On an idle machine it is a fraction of both. */
const MOST_MS = 1000;
const LONGEST_STALL_S = 0.2;

async function openMany(weir: WeirProcess, target: string): Promise<net.Socket[]> {
  const sockets: net.Socket[] = [];
  let left = TUNNELS;
  const opener = async (): Promise<void> => {
    for (; left > 0; sockets.push(await openTunnel(weir.port, target))) left -= 1;
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, opener));
  return sockets;
}

/** The longest that the event loop stood still since the last time that this was asked, in seconds. */
const longestStall = (weir: WeirProcess): Promise<number> => metric(weir, 'nodejs_eventloop_lag_max_seconds');

t.test(`${TUNNELS} tunnels that a reload forbids`, async (t) => {
  if (openFilesLimit() < FILES) {
    t.pass('left out', { skip: `needs ${FILES} open files` });
    return;
  }
  const origin = owned(t, await tcpOrigin((socket) => socket.on('error', () => {})));
  const weir = await startWeir(t, yamlOf({ access: '[{ name: some, allow: [all], onRevoke: cut }]' }));
  const sockets = await openMany(weir, `origin.example:${origin.port}`);
  const closed = sockets.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve)));
  // Allowed by another rule: all of them are judged, and none is cut.
  await longestStall(weir);
  await reload(weir, { workers: '1', access: '[{ name: other, allow: [all], onRevoke: cut }]' });
  const judging = await longestStall(weir);
  const { time } = await reload(weir, { workers: '1', access: '[{ name: closed, deny: [all] }]' });
  const ends = await weir.ended(TUNNELS);
  const cutting = await longestStall(weir);
  await Promise.all(closed);
  t.ok(ends.every(({ outcome, rule }) => outcome === 'revoked' && rule === 'closed'));
  const times = ends.map((record) => Date.parse(String(record.time)));
  const tookMs = Math.max(...times) - Math.min(...times);
  t.comment(
    `cut within ${tookMs} ms, the first ${Math.min(...times) - new Date(time as number).getTime()} ms after`,
  );
  t.comment(`stalls of at most ${judging * 1000} ms judging, ${cutting * 1000} ms cutting`);
  t.ok(tookMs < MOST_MS, `all within ${tookMs} ms`);
  t.ok(Math.max(judging, cutting) < LONGEST_STALL_S, `nothing else is served for ${cutting} s at most`);
});
