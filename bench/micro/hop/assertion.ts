/**
 * `node bench/micro/hop/assertion.ts [--json]`: what it costs to tell the next hop who asks, and to believe it. First proves that what is
 * signed is believed, and what is altered is not.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { Asserter } from '#hop/asserter.ts';
import { parseHopKey } from '#hop/hop-key.ts';
import { Replays } from '#hop/replays.ts';
import { Verifier } from '#hop/verifier.ts';
import type { Identity } from '#match/subject.ts';
import { measure } from '../measure.ts';

const AUDIENCE = 'int-proxy-a.aibang.com:3128';
/** Everything is in force for the whole of the run. */
const NOW = Date.now();
const BOUND = { target: 'login.microsoftonline.com:443', transaction: '9c7d21e04b5a3f18-2k', nowMs: NOW };
const IDENTITY: Identity = {
  namespace: 'api',
  pod: 'api-7f9c6d5b8-x2v4q',
  uid: '0b9f7a52-5b0e-4b43-9d5a-0c0d6d8f1a11',
  serviceAccount: 'builder',
  podLabels: new Map([
    ['app', 'api'],
    ['tier', 'front'],
  ]),
  hasAllLabels: true,
  namespaceLabels: undefined,
};
const CLIENT = { address: '10.128.0.7', identity: IDENTITY };

/** Believes everything again and again: what remembering costs is timed by itself. */
class Forgetful extends Replays {
  override use(): boolean {
    return true;
  }
}

const key = parseHopKey(randomBytes(32).toString('base64'));
const asserter = new Asserter({ keys: [key], labels: ['app', 'tier'] });
const verifier = new Verifier({ keys: [key], audience: [AUDIENCE] }, new Forgetful(undefined, NOW));
const text = asserter.assert(CLIENT, AUDIENCE, BOUND);
assert.deepEqual(verifier.verify(text, BOUND), { ...CLIENT, identity: { ...IDENTITY, hasAllLabels: false } });
assert.equal(verifier.verify(`${text.slice(0, -3)}AAA`, BOUND), 'wrong_signature');

const folder = mkdtempSync(join(os.tmpdir(), 'weir-bench-'));
const own = new Replays(undefined, NOW);
const shared = new Replays(folder, NOW);
const mark = Buffer.alloc(16);

let used = 0;

/** Another mark each time, and time goes on, so that what is over is let go of. */
function use(replays: Replays): boolean {
  used += 1;
  mark.writeInt32LE(Math.imul(used, 0x9e3779b1));
  mark.writeInt32LE(used, 4);
  const endMs = NOW + Math.floor(used / 500_000) * 64_000;
  return replays.use(mark, endMs, endMs - 60_000);
}

measure('who asks, told and believed', [
  { name: 'Asserter, sign', call: () => asserter.assert(CLIENT, AUDIENCE, BOUND).length > 0 },
  { name: 'Verifier, verify', call: () => typeof verifier.verify(text, BOUND) === 'object' },
  {
    name: 'both, as one tunnel pays them',
    call: () => typeof verifier.verify(asserter.assert(CLIENT, AUDIENCE, BOUND), BOUND) === 'object',
  },
  { name: 'Replays, one process', call: () => use(own) },
  { name: 'Replays, a folder for all workers', call: () => use(shared) },
]);
shared.close();
rmSync(folder, { recursive: true });
