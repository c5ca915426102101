import t from 'tap';
import { bodyOf } from '#audit/canonical.ts';
import { BEGINNING, linkTo } from '#audit/chain.ts';
import { Linker } from '#audit/linker.ts';
import { readLink } from '#audit/read-link.ts';
import { auditKey } from '../../fixtures/audit.ts';
import { eventually } from '../../fixtures/within.ts';

const { signer } = auditKey();
const BODY = bodyOf({ event: 'decision', hop: 't2', verdict: 'allow' });

function start(room = 1_000_000) {
  const lines: string[] = [];
  const checkpoints: number[] = [];
  const writer = {
    get room() {
      return room - lines.join('\n').length;
    },
    write: (line: string) => void lines.push(line),
  };
  const linker = new Linker({
    head: BEGINNING,
    hop: 't2',
    signer,
    writer,
    onCheckpoint: ({ seq }) => checkpoints.push(seq),
  });
  return { linker, lines, checkpoints };
}

t.test('records get their places together, checkpoints among them', async (t) => {
  const { linker, lines, checkpoints } = start();
  for (const body of [BODY, undefined, BODY]) t.equal(linker.take(body), true);
  t.same(lines, []);
  linker.link();
  t.equal(lines[0], linkTo(BEGINNING, BODY).line);
  const links = lines.map(readLink);
  t.match(links, [
    { seq: 1, isIntact: true },
    { seq: 2, event: 'checkpoint', prev: links[0]?.hash, isIntact: true },
    { seq: 3, prev: links[1]?.hash, isIntact: true },
  ]);
  t.same(checkpoints, [2]);
  linker.link();
  t.equal(lines.length, 3, 'nothing is there any more');
});

t.test('what nobody writes is handed on after a moment, and many at once', async (t) => {
  const { linker, lines } = start();
  linker.take(BODY);
  await eventually(() => lines.length === 1, 'a line');
  for (let count = 0; count < 256; count += 1) linker.take(BODY);
  t.equal(lines.length, 257);
});

t.test('nothing is taken that the writer would have no room for', async (t) => {
  const { linker, lines } = start(1300);
  let taken = 0;
  while (linker.take(BODY)) taken += 1;
  t.ok(taken > 1);
  t.equal(linker.take(undefined), false);
  linker.link();
  t.equal(lines.length, taken);
  t.ok(lines.join('\n').length < 1300);
});
