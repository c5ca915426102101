/**
 * `node bench/micro/record/renderings.ts`: the line of the access log for one record in each format, as orderly as most are and as odd as a
 * hostile client makes it. First proves that it is JSON that says what the record says.
 */
import assert from 'node:assert/strict';
import { renderEcs } from '#record/render-ecs.ts';
import { renderJson } from '#record/render-json.ts';
import { renderSquid } from '#record/render-squid.ts';
import { fullRecord } from '../../../test/fixtures/records.ts';
import { measure } from '../measure.ts';
import { ENTRIES, orderlyRecords } from '../records.ts';

const orderly = orderlyRecords();
const odd = orderly.map((entry) => ({
  ...entry,
  method: 'G"T',
  host: 'ex"ample\n.com',
  detail: 'said "no"\u2028',
}));

assert.equal(JSON.parse(renderJson(orderly[7] as (typeof orderly)[number])).host, 'login.microsoft.com');
assert.equal(JSON.parse(renderJson(odd[7] as (typeof odd)[number])).method, 'G"T');
assert.equal(JSON.parse(renderJson(fullRecord())).reason, 'idle_timeout');
assert.equal(JSON.parse(renderEcs(fullRecord()))['event.reason'], 'idle_timeout');
assert.match(
  renderSquid(orderly[7] as (typeof orderly)[number]),
  / TCP_TUNNEL\/200 5439 CONNECT login\.microsoft\.com:443 /,
);

const of = <Value>(values: readonly Value[], index: number): Value => values[index % ENTRIES] as Value;
measure('record rendering', [
  {
    name: 'renderJson(), a tunnel that went well',
    call: (index) => renderJson(of(orderly, index)).length > 0,
  },
  { name: 'renderJson(), text that must be escaped', call: (index) => renderJson(of(odd, index)).length > 0 },
  { name: 'renderEcs(), a tunnel', call: (index) => renderEcs(of(orderly, index)).length > 0 },
  { name: 'renderSquid(), a tunnel', call: (index) => renderSquid(of(orderly, index)).length > 0 },
]);
