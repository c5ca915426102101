/** Two Weirs, as real processes, each of which has the other for its only way out. */
import { writeFileSync } from 'node:fs';
import t from 'tap';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { Stopwatch } from '../fixtures/stopwatch.ts';
import { startWeir } from '../fixtures/weir.ts';

t.setTimeout(120_000);

/** A tier that allows all; without a peer its only route leads nowhere that matters here. */
function yamlOf(name: string, peerPort: number | undefined): string {
  const out =
    peerPort === undefined
      ? 'routes: [{ name: out, direct: true }]'
      : `peers: { other: { address: 127.0.0.1:${peerPort}, hop: true } }\nroutes: [{ name: out, peers: [other] }]`;
  return `
name: ${name}
listeners: [{ name: main, address: 127.0.0.1:0 }]
admin: { address: 127.0.0.1:0 }
access: [{ name: everything, allow: [all] }]
${out}
`;
}

// Attacks: no-loop.
t.test('a chain of two Weirs pointed at each other answers proxy_loop_detected at once', async (t) => {
  const first = await startWeir(t, yamlOf('t1', undefined));
  const second = await startWeir(t, yamlOf('t2', first.port));
  writeFileSync(first.configFile as string, yamlOf('t1', second.port));
  await first.logged('Configuration reloaded');
  for (const request of ['CONNECT a.example:443', 'GET http://a.example/']) {
    await using client = await RawClient.connect(first.port);
    using watch = new Stopwatch();
    client.send(`${request} HTTP/1.1\r\nHost: a.example\r\n\r\n`);
    const { status, fields } = await readAnswer(client);
    t.ok(watch.ms < 2_000, 'no time-out was waited for');
    t.equal(status, 502);
    t.match(fields['proxy-status'], /^t1;error=proxy_loop_detected\b.*, t2\b.*, t1\b/, request);
  }
  const ends = await first.until('its records', () => {
    const all = first.records.filter(({ event }) => event === 'end');
    return all.length >= 4 ? all : undefined;
  });
  t.equal(ends.length, 4, 'each request came by twice, and no more');
  t.match(
    ends.filter(({ reason }) => reason === 'loop_detected'),
    Array(2).fill({ status: 502, outcome: 'failed' }),
  );
});
