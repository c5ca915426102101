import t from 'tap';
import { reportJson, reportText } from '#audit/report.ts';
import type { Verification } from '#audit/verify-files.ts';

const HASH = 'a'.repeat(64);
const FOUND: Verification = {
  finding: undefined,
  files: ['audit.log.1', 'audit.log'],
  records: 1200,
  first: 1,
  last: { seq: 1200, hash: HASH },
  gaps: [],
  checkpoints: { count: 2, proven: 2, last: 1199, after: 1 },
};

t.test('reportText() says that a chain holds, and what of it is signed', async (t) => {
  t.equal(
    reportText(FOUND, { hasKeys: true }),
    `The chain holds: 1,200 records, 1 to 1200, in 2 files, the last with hash ${HASH}\n` +
      '2 checkpoints signed, the last is record 1199; 1 record behind it not signed yet\n',
  );
  const checkpoints = { count: 1, proven: 1, last: 1200, after: 0 };
  t.match(
    reportText({ ...FOUND, checkpoints }, { hasKeys: true }),
    /1 checkpoint signed, .* none stands behind it/,
  );
  const none = { count: 0, proven: 0, last: undefined, after: 1200 };
  t.match(reportText({ ...FOUND, checkpoints: none }, { hasKeys: true }), /No signed checkpoint/);
  t.match(reportText(FOUND, { hasKeys: false }), /signatures were not checked/);
});

t.test('reportText() begins with the finding', async (t) => {
  const finding = { kind: 'altered', place: { file: 'audit.log', line: 7 }, seq: 7, message: 'M' } as const;
  const text = reportText({ ...FOUND, finding, first: 5 }, { hasKeys: false });
  t.match(text, /^audit\.log:7: altered: M\nThe chain holds until there: .*; it begins with record 5/);
  const nowhere = { ...finding, place: { file: 'audit.log', line: 0 } };
  t.match(
    reportText({ ...FOUND, finding: nowhere, first: undefined }, { hasKeys: false }),
    /^audit\.log: altered: M\nNo record holds\n/,
  );
});

t.test('reportText() says of signatures only what was read', async (t) => {
  const checkpoints = { count: 0, proven: 0, last: undefined, after: 6 };
  const finding = { kind: 'altered', place: { file: 'audit.log', line: 7 }, seq: 7, message: 'M' } as const;
  t.match(
    reportText({ ...FOUND, checkpoints, finding }, { hasKeys: true }),
    /\nNo signed checkpoint before that place; what stands behind it was not read\n$/,
  );
  const whole = { ...finding, kind: 'unsigned', place: { file: 'audit.log', line: 0 } } as const;
  t.match(
    reportText({ ...FOUND, checkpoints, finding: whole }, { hasKeys: true }),
    /\nNo signed checkpoint: whoever could write the files/,
  );
  const before = { count: 1, proven: 1, last: 3, after: 3 };
  t.match(
    reportText({ ...FOUND, checkpoints: before, finding }, { hasKeys: true }),
    /\n1 checkpoint signed, the last is record 3; 3 records behind it/,
  );
});

t.test('reportText() tells the first gaps', async (t) => {
  const gaps = Array.from({ length: 12 }, (_, seq) => ({ seq, time: 'then', lost: seq, why: 'full' }));
  const text = reportText({ ...FOUND, gaps }, { hasKeys: true });
  t.match(text, 'Gap: record 0 of then says that a line was torn: full\n');
  t.match(text, 'Gap: record 1 of then says that 1 record lost: full\n');
  t.match(text, '\nand 2 more gaps\n');
});

t.test('reportJson() is all of it', async (t) => {
  t.match(reportJson(FOUND, { hasKeys: true }), { valid: true, records: 1200, last: 1200, hash: HASH });
  const finding = {
    kind: 'torn',
    place: { file: 'audit.log', line: 7 },
    seq: undefined,
    message: 'M',
  } as const;
  const json = JSON.parse(
    JSON.stringify(reportJson({ ...FOUND, finding, last: undefined }, { hasKeys: false })),
  );
  t.match(json, { valid: false, finding: { kind: 'torn', file: 'audit.log', line: 7, message: 'M' } });
  t.equal('place' in json.finding, false);
});
