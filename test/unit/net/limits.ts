import t from 'tap';
import { REASONS } from '#errors.ts';
import {
  HEAD_LIMITS,
  hasTooManyFields,
  isBeyondOrigins,
  MAX_FIELDS,
  MAX_HEAD_BYTES,
  MAX_TARGET_BYTES,
} from '#net/limits.ts';

t.test('hasTooManyFields() counts field lines, not names and values', async (t) => {
  const fields = Array.from({ length: MAX_FIELDS }, () => ['A', 'b']).flat();
  t.notOk(hasTooManyFields([]));
  t.notOk(hasTooManyFields(fields));
  t.ok(hasTooManyFields([...fields, 'A', 'b']));
});

t.test('isBeyondOrigins() counts field lines, and their bytes as they are written', async (t) => {
  const fields = Array.from({ length: MAX_FIELDS }, () => ['A', 'b']).flat();
  t.notOk(isBeyondOrigins(fields));
  t.ok(isBeyondOrigins([...fields, 'A', 'b']));
  const value = 'x'.repeat(MAX_HEAD_BYTES - 'A: \r\n'.length);
  t.notOk(isBeyondOrigins(['A', value]));
  t.ok(isBeyondOrigins(['A', `${value}x`]));
});

t.test('HEAD_LIMITS is what the hint of request_head_too_large says', async (t) => {
  t.equal(HEAD_LIMITS, '64 KiB and 200 fields');
  t.ok(REASONS.request_head_too_large.hint.endsWith(`; the limits are ${HEAD_LIMITS}`));
});

t.test('MAX_TARGET_BYTES is what the hint of target_too_long says, and a part of a head', async (t) => {
  t.ok(REASONS.target_too_long.hint.endsWith(`; the limit is ${MAX_TARGET_BYTES / 1024} KiB`));
  t.ok(MAX_TARGET_BYTES < MAX_HEAD_BYTES);
});
