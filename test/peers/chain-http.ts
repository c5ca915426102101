/**
 * Plain HTTP through two tiers: what these files show of one proxy is played once more with another behind it. The tables of exchanges
 * (rfc9110.ts, rfc9112.ts) are not here: they are played through two wherever they are played.
 */
import t from 'tap';
import { serveRow } from '../fixtures/row.ts';
import { serveBy } from '../fixtures/served.ts';

t.setTimeout(120_000);

const FILES = ['rfc9110-connections', 'rfc9112-connections', 'rfc9209'];

serveBy(serveRow);
for (const file of FILES) await import(`../conformance/${file}.ts`);
