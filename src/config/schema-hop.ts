/** Schema of `hop` and `forward`: what hops of ours tell each other, whom they believe, and what plain HTTP tells all others. */
import { z } from 'zod';
import { LABEL_VALUE_BYTES, MAX_LABEL_BYTES } from '#hop/assertion.ts';
import { parseLabelName } from '#match/identity.ts';
import { parseAuthority } from '#net/authority.ts';
import { parseKeptBack } from '#net/outward-fields.ts';
import { aclReference, key, list, parsed } from './schema-values.ts';
import { firstTwice } from './twice.ts';

const path = z.string().min(1);

const labels = parsed(list(parsed(z.string(), parseLabelName)), (names): readonly string[] => {
  const twice = firstTwice(names);
  if (twice !== undefined) throw new Error(`Label "${twice}" is named twice, remove one`);
  const bytes = names.reduce((sum, { length }) => sum + length + LABEL_VALUE_BYTES, 0);
  if (bytes > MAX_LABEL_BYTES) throw new Error('The labels may not fit into one field, write fewer of them');
  return names;
});

const assertion = z.strictObject({
  keyFile: key(
    path,
    'File of keys, one on each line as `openssl rand -base64 32` prints it; the first signs. `#` begins a comment, empty lines are skipped',
    'hop.key',
  ),
  labels: key(labels.optional(), 'Labels of the pod that are told; none if absent', '[app]'),
});

const trust = z.strictObject({
  from: key(
    list(aclReference),
    'ACLs that must all match for a client to be a hop of ours, whose `Weir-Transaction` is believed',
    '[gke_cluster]',
  ),
  keyFiles: key(
    list(path).optional(),
    'Files of keys as `hop.assert.keyFile` has them: who signs with any of these is believed what it says of its clients',
    '[hop.key]',
  ),
  audience: key(
    list(parsed(z.string(), (text) => parseAuthority(text).text)).optional(),
    'Addresses of this hop, as `peers.NAME.address` of the hop before has them',
    '["int-proxy-a.aibang.com:3128"]',
  ),
  replayDirectory: key(
    path.optional(),
    'Directory that keeps which assertions were used, through restarts; `RuntimeDirectory` of the systemd unit if absent',
    '/run/weir',
  ),
});

export const hop = z.strictObject({
  assert: key(
    assertion.optional(),
    'Tell peers with `hop: true` who asks, in a signed `Weir-Identity`',
    '{ keyFile: hop.key, labels: [app] }',
  ),
  trust: key(trust.optional(), 'Clients that are hops of ours', '{ from: [gke_cluster] }'),
});

const strip = parsed(list(parsed(z.string(), parseKeptBack)), (names): readonly string[] => {
  const twice = firstTwice(names);
  if (twice !== undefined) throw new Error(`Field "${twice}" is named twice, remove one`);
  return names;
});

const onOff = z.enum(['on', 'off']);

export const forward = z.strictObject({
  via: key(
    onOff.default('on'),
    'Whether requests to origins have Via. Those to peers always have it, and so have answers',
    'off',
  ),
  forwarded: key(
    onOff.default('off'),
    '`on`: add `Forwarded` with the address of the client, and leave what clients say of it; `off`: remove all of that',
    'on',
  ),
  strip: key(
    strip.optional(),
    'More fields of requests that are removed; none if absent',
    '[X-Internal-Id, X-Team]',
  ),
});
