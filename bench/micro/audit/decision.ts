/**
 * `node bench/micro/audit/decision.ts [--json]`: the record of one permit for the audit trail, and its place in the chain. First proves that
 * it is in canonical form.
 */
import assert from 'node:assert/strict';
import { BEGINNING, linkTo } from '#audit/chain.ts';
import { permitBody } from '#audit/decision.ts';
import { measure } from '../measure.ts';
import { ENTRIES, orderlyRecords } from '../records.ts';

const entries = orderlyRecords();
const entry = (index: number) => entries[index % ENTRIES] as (typeof entries)[number];
const body = permitBody(entry(0));
const { line } = linkTo(BEGINNING, body);
const names = Object.keys(JSON.parse(line));
assert.deepEqual(names, names.toSorted());

measure('audit record', [
  { name: 'permitBody()', call: (index) => permitBody(entry(index)).length > 0 },
  { name: 'linkTo()', call: (index) => linkTo({ seq: index, hash: BEGINNING.hash }, body).head.seq > 0 },
]);
