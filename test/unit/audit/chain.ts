import { createHash } from 'node:crypto';
import t from 'tap';
import { bodyOf } from '#audit/canonical.ts';
import { BEGINNING, contentOf, linkTo } from '#audit/chain.ts';

const BODY = bodyOf({ client_ip: '10.0.0.1', hop: 't2', rule: 'r', time: 'now' });

t.test('linkTo() hashes the canonical record without its hash', async (t) => {
  const { line, head } = linkTo(BEGINNING, BODY);
  const content = line.replace(/"hash":"[0-9a-f]*",/, '');
  t.equal(content, contentOf(BEGINNING, BODY));
  t.equal(head.hash, createHash('sha256').update(content).digest('hex'));
  t.match(JSON.parse(line), {
    client_ip: '10.0.0.1',
    hop: 't2',
    rule: 'r',
    time: 'now',
    seq: 1,
    hash: head.hash,
  });
  t.equal(JSON.parse(line).prev, '0'.repeat(64));
});

t.test('linkTo() names the record before', async (t) => {
  const first = linkTo(BEGINNING, BODY);
  const { line, head } = linkTo(first.head, BODY);
  t.equal(head.seq, 2);
  t.equal(JSON.parse(line).prev, first.head.hash);
  t.not(head.hash, first.head.hash);
});
