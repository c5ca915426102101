/**
 * Plain HTTP by four workers: what these files show of one process is played once more by {@link Crews}. Whether a test is about one
 * connection or about several, it holds whichever workers those come to.
 */
import t from 'tap';
import { Crews } from '../fixtures/crews.ts';
import { serveBy } from '../fixtures/served.ts';

t.setTimeout(120_000);

const FILES = [
  'conformance/rfc9110.ts',
  'conformance/rfc9110-connections.ts',
  'conformance/rfc9112.ts',
  'conformance/rfc9112-connections.ts',
  'conformance/rfc9209.ts',
  'conformance/rfc9111.ts',
  'flow/header-policy.ts',
  'flow/cache-told.ts',
];

const crews = new Crews(t);
serveBy((keys) => crews.serve(keys));
for (const file of FILES) await import(`../${file}`);
