/**
 * What RFC 9110, 9112 and 9209 ask of a proxy they ask of one with a cache as well: the same tests once more, by rules with
 * `cache: true`, and smuggled requests and answers through such.
 */
import t from 'tap';
import { scenesUnheld } from '../fixtures/scene.ts';
import { type Keys, serveBy, serveHere } from '../fixtures/served.ts';
import { NOTHING_COMES, Unheld } from '../fixtures/unheld.ts';

const FILES = ['rfc9110.ts', 'rfc9110-connections.ts', 'rfc9112.ts', 'rfc9112-connections.ts', 'rfc9209.ts'];

/** Every rule that allows, caching. */
function caching({ access = '[{ name: everything, allow: [all] }]', ...keys }: Keys): Keys {
  return { ...keys, access: access.replaceAll('allow:', 'cache: true, allow:') };
}

const unheld = new Unheld([
  {
    pattern: /^5\.3 Order: nothing is asked before the head is whole/,
    why: 'two who ask for the same share one question',
    fault: NOTHING_COMES,
  },
]);

serveBy((keys) => serveHere(caching(keys)));
scenesUnheld(unheld);
for (const file of FILES) await import(`./${file}`);
t.test('what is excused is there', async (t) => t.same(unheld.miscounted, []));
