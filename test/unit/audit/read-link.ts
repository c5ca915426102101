import t from 'tap';
import { bodyOf } from '#audit/canonical.ts';
import { BEGINNING, linkTo } from '#audit/chain.ts';
import { membersOf, readLink } from '#audit/read-link.ts';

const latin1 = (line: string): string => Buffer.from(line).toString('latin1');
const { line, head } = linkTo(BEGINNING, bodyOf({ client_ip: '10.0.0.1', user: 'ünï"hash":"x' }));

t.test('readLink() reads what linkTo() wrote, whatever its texts say', async (t) => {
  t.match(readLink(latin1(line)), { ...head, prev: BEGINNING.hash, isIntact: true, event: '' });
  t.equal(readLink(linkTo(BEGINNING, bodyOf({ event: 'gap' })).line)?.event, 'gap');
  t.equal(membersOf(latin1(line)).user, 'ünï"hash":"x');
});

t.test('membersOf() takes what was forged for what it is worth', async (t) => {
  t.same(membersOf('{"event":"gap",nonsense}'), {}, 'none');
  const forged = '{"why":"\\u001b[2J\\u001b[HThe chain holds\\n\\u202e","lost":[1]}';
  t.same(
    membersOf(forged),
    { why: '\ufffd[2J\ufffd[HThe chain holds\ufffd\ufffd', lost: [1] },
    'nothing moves a cursor',
  );
});

t.test('readLink() sees every flipped bit', async (t) => {
  const bytes = Buffer.from(line);
  for (let index = 0; index < bytes.length; index += 1) {
    for (const bit of [1, 128]) {
      const altered = Buffer.from(bytes);
      altered[index] = (altered[index] as number) ^ bit;
      t.not(readLink(altered.toString('latin1'))?.isIntact, true, `byte ${index} bit ${bit}`);
    }
  }
});

t.test('readLink() takes for no record what has no place in a chain', async (t) => {
  const hash = 'a'.repeat(64);
  for (const text of [
    '',
    '{}',
    `"hash":"${hash}","prev":"${hash}","seq":1}`,
    `{"hash":"${hash}","prev":"${hash}","seq":1`,
    `{"hash":"${hash}","prev":"${hash}"}`,
    `{"hash":"${hash}","seq":1}`,
    `{"hash":"${hash}","prev":"${hash}","seq":0}`,
    `{"hash":"${hash}","prev":"${hash}","seq":"1"}`,
  ])
    t.equal(readLink(text), undefined, text);
});
