/**
 * Smuggling through what is mixed: Weir before a real Squid, and a real Squid before Weir. What Squid alone is fooled by is no promise of ours; what both hold is that no request comes to the origin that was
 * not asked, and no answer to who did not ask.
 */
import t, { type Test } from 'tap';
import { owned } from '../fixtures/owned.ts';
import { startProxy, yamlOf } from '../fixtures/proxy.ts';
import { ANSWERS } from '../fixtures/smuggled-answers.ts';
import { REQUESTS } from '../fixtures/smuggled-requests.ts';
import { playAnswer, playMixed } from '../fixtures/smuggling.ts';
import { Squid } from '../fixtures/squid.ts';
import { needTool } from '../fixtures/tools.ts';

/** Squid obeys it, and sends on a body whose length it has taken away. */
const FOOLS_SQUID = 'Connection: Content-Length';
const SQUID = ['http_access allow all', 'server_persistent_connections on'];
const toPeer = (port: number): string =>
  yamlOf({
    name: 't1',
    peers: `{ next: { address: "127.0.0.1:${port}" } }`,
    routes: '[{ name: out, peers: [next] }]',
  });

/** Both ways round. @returns the port for clients */
async function mixed(t: Test, program: string, order: string): Promise<number> {
  const hosts = ['origin.example'];
  if (order === 'Weir before Squid') {
    const squid = await Squid.start(t, program, { name: 'smugglelast', hosts, lines: SQUID });
    return owned(t, await startProxy(toPeer(squid.port))).port;
  }
  const weir = owned(t, await startProxy(yamlOf({ name: 't2' })));
  const parent = `cache_peer 127.0.0.1 parent ${weir.port} 0 no-query no-digest default`;
  const lines = [...SQUID, parent, 'never_direct allow all'];
  return (await Squid.start(t, program, { name: 'smugglefirst', hosts, lines })).port;
}

for (const order of ['Weir before Squid', 'Squid before Weir']) {
  t.test(order, async (t) => {
    const program = await needTool(t, 'squid');
    if (program === undefined) return;
    const port = await mixed(t, program, order);
    await t.test('requests', async (t) => {
      for (const [title, { bytes }] of REQUESTS) {
        const { lines, answers } = await playMixed(port, bytes);
        t.ok(lines.length <= 1, title);
        t.notOk(
          lines.some((line) => / \/smuggled /.test(line)),
          title,
        );
        t.ok(answers <= 1, title);
      }
    });
    await t.test('answers', async (t) => {
      for (const [title, vector] of ANSWERS) {
        if (order === 'Weir before Squid' && vector.bytes.includes(FOOLS_SQUID)) continue;
        const [, ...later] = await playAnswer(port, { ...vector, lingerMs: 100 });
        // Squid may ask again where the origin has closed, and may send bytes on that nobody asked for: a request that has just gone
        // the same way is then 502, and not answered by them.
        t.ok(
          later.every((answer) => answer?.body.startsWith('later ') || answer?.status === 502),
          title,
        );
      }
    });
  });
}
