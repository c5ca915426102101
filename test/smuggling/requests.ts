/**
 * Smuggled requests, through one proxy and through two, with a cache and without: what could be read in two ways is answered 400 and ends the connection, and
 * what passes has one meaning. The origin never sees a second request, and the client never a second answer of the origin.
 */
import t from 'tap';
import { ROWS, startChain } from '../fixtures/chain.ts';
import { owned } from '../fixtures/owned.ts';
import { REQUESTS } from '../fixtures/smuggled-requests.ts';
import { playRequest } from '../fixtures/smuggling.ts';

for (const { length, keys, how } of ROWS) {
  // Attacks: no-dial.
  t.test(`a request that could be read in two ways is refused, ${how}`, async (t) => {
    const { port } = owned(t, await startChain(length, keys));
    for (const [title, vector] of REQUESTS) {
      const { bytes, fate } = vector;
      const seen = await playRequest(port, vector);
      if (fate === 'refused') {
        t.same(seen, { lines: [], statuses: [400], ending: 'end' }, title);
      } else if (fate === 'never whole') {
        t.same(seen, { lines: [], statuses: [], ending: 'open' }, title);
      } else {
        const target = /^\w+ http:\/\/HOST(\S+)/.exec(bytes)?.[1];
        const method = bytes.slice(0, bytes.indexOf(' '));
        t.same(seen.lines, [`${method} ${target} HTTP/1.1`], title);
        t.same(seen.statuses, fate === 'passed' ? [200] : [200, 400], title);
      }
    }
  });
}
