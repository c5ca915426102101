import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { bodyOf } from '#audit/canonical.ts';
import { BEGINNING, linkTo } from '#audit/chain.ts';
import { bodyIn, writtenBodies } from '#audit/written-bodies.ts';

const bodyOfNumber = (number: number) =>
  bodyOf({ event: 'decision', time: 't', transaction_id: `${number}` });

t.test('bodyIn() gives back what was put in, whatever it says', async (t) => {
  const member = fc.tuple(fc.constantFrom('event', 'host', 'policy', 'rule', 'url'), fc.string());
  fc.assert(
    fc.property(fc.array(member), fc.nat(), (members, seq) => {
      const body = bodyOf(Object.fromEntries(members));
      t.equal(bodyIn(linkTo({ seq, hash: 'f'.repeat(64) }, body).line), body);
    }),
    { seed: 7, numRuns: 300 },
  );
  const sly = bodyOf({ host: `x","hash":"${'0'.repeat(64)}",`, url: '"seq":7' });
  t.equal(bodyIn(linkTo(BEGINNING, sly).line), sly, 'a value that looks like a place is none');
});

t.test('bodyIn() finds nothing in what has no place in a chain', async (t) => {
  for (const line of ['', '{}', 'hello', '{"hash":"00","prev":"00","seq":1}'])
    t.equal(bodyIn(line), undefined);
});

t.test('writtenBodies() reads the end of the trail', async (t) => {
  const path = join(t.testdir(), 'audit.log');
  t.equal((await writtenBodies(path, 1)).size, 0, 'none where there is no file');
  let head = BEGINNING;
  const lines = Array.from({ length: 5000 }, (_, number) => {
    const link = linkTo(head, bodyOfNumber(number));
    head = link.head;
    return link.line;
  });
  writeFileSync(path, `${lines.join('\n')}\nhalf a line`);
  const few = await writtenBodies(path, 1);
  t.ok(few.has(bodyOfNumber(4999)));
  t.notOk(few.has(bodyOfNumber(0)), 'no more than what may be asked for');
  t.ok((await writtenBodies(path, 5000)).has(bodyOfNumber(0)));
  await t.rejects(writtenBodies(join(path, 'no', 'folder'), 1), { code: 'ENOTDIR' });
});
