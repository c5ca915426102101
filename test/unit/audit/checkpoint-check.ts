import t from 'tap';
import type { PublicKeys } from '#audit/checkpoint.ts';
import { CheckpointCheck } from '#audit/checkpoint-check.ts';
import type { Finding } from '#audit/finding.ts';
import { type ReadLink, readLink } from '#audit/read-link.ts';
import { auditKey, Trail } from '../../fixtures/audit.ts';

const { signer, keys } = auditKey();
const place = { file: 'audit.log', line: 1 };

function check(
  trail: Trail,
  by: PublicKeys | undefined,
): { found: Finding | undefined; check: CheckpointCheck } {
  const check = new CheckpointCheck(by);
  const found = trail.lines.map((line) => check.take(readLink(line) as ReadLink, line, place));
  return { found: found.find((one) => one !== undefined), check };
}

t.test('checkpoints that are signed are counted, and what stands behind the last', async (t) => {
  const { found, check: done } = check(
    new Trail().fill(3).checkpoint(signer).fill(2).checkpoint(signer).fill(4),
    keys,
  );
  t.equal(found, undefined);
  t.same(done.result(), { count: 2, proven: 2, last: 7, after: 4 });
});

t.test('without keys any checkpoint is as good as another', async (t) => {
  const { found, check: done } = check(new Trail().checkpoint().fill(1100).checkpoint(signer), undefined);
  t.equal(found, undefined);
  t.same(done.result(), { count: 2, proven: 0, last: 1102, after: 0 });
});

t.test('with keys a checkpoint is signed, and by one of them', async (t) => {
  t.match(check(new Trail().checkpoint(), keys).found, { kind: 'forged', seq: 1, message: /is not signed$/ });
  const swapped = new Trail().checkpoint(signer).fill(1).checkpoint(auditKey().signer);
  t.match(check(swapped, keys).found, {
    kind: 'forged',
    seq: 3,
    message: /none of those given; what stands behind record 1/,
  });
  const other = new Trail().checkpoint(signer).lines[0]?.replace('t2', 't3') ?? '';
  const found = new CheckpointCheck(keys).take(readLink(other) as ReadLink, other, place);
  t.match(found, { kind: 'forged', message: /not that of its key/ });
});

t.test('with keys a checkpoint comes at least every 1000 records', async (t) => {
  t.equal(check(new Trail().fill(1000).checkpoint(signer).fill(1000), keys).found, undefined);
  t.match(check(new Trail().fill(1001), keys).found, { kind: 'unsigned', seq: 1 });
});
