import t from 'tap';
import { KnownHeads } from '#proxy/known-heads.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
/** As what comes is: looked for, and kept where it was not found. */
function come<Head extends { length: number }>(known: KnownHeads<Head>, bytes: Buffer, head: Head): void {
  if (known.find(bytes) === undefined) known.keep(bytes, head);
}

/** As what comes for the second time is. */
function keep<Head extends { length: number }>(known: KnownHeads<Head>, bytes: Buffer, head: Head): void {
  come(known, bytes, head);
  come(known, bytes, head);
}

const plain = (host: string): string => `CONNECT ${host}:443 HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

t.test('KnownHeads finds a head by all of its bytes', async (t) => {
  const known = new KnownHeads<{ length: number }>();
  const bytes = bytesOf(plain('a.example'));
  const head = { length: bytes.length };
  keep(known, bytes, head);
  t.equal(known.find(bytesOf(plain('a.example'))), head);
  t.equal(known.find(bytesOf(plain('b.example'))), undefined);
  t.equal(known.find(bytesOf(`${plain('a.example')}x`)), undefined);
  bytes.fill(0);
  t.equal(known.find(bytesOf(plain('a.example'))), head, 'it has a copy of its own');
});

for (const field of ['Proxy-Authorization', 'authorization', 'COOKIE', 'Weir-Transaction', 'weir-identity']) {
  // Attacks: secrets.
  t.test(`KnownHeads keeps no head with ${field}`, async (t) => {
    const known = new KnownHeads<{ length: number }>();
    const bytes = bytesOf(plain('a.example').replace('Host', `${field}: x\r\nHost`));
    keep(known, bytes, { length: bytes.length });
    t.equal(known.find(bytes), undefined);
  });
}

t.test('KnownHeads keeps only what comes for the second time', async (t) => {
  const known = new KnownHeads<{ length: number }>();
  const bytes = bytesOf(plain('a.example'));
  const head = { length: bytes.length };
  come(known, bytes, head);
  t.equal(known.find(bytes), undefined);
  come(known, bytes, head);
  t.equal(known.find(bytes), head);
});

t.test('KnownHeads keeps nothing long, and nothing that came with bytes of something else', async (t) => {
  const known = new KnownHeads<{ length: number }>();
  const long = bytesOf(plain('a'.repeat(1100)));
  keep(known, long, { length: long.length });
  t.equal(known.find(long), undefined);
  const glued = bytesOf(`${plain('a.example')}glued`);
  keep(known, glued, { length: plain('a.example').length });
  t.equal(known.find(glued), undefined);
});

t.test('KnownHeads gives a place to the latest of two heads that meet in it', async (t) => {
  const known = new KnownHeads<{ name: string; length: number }>();
  // They differ only behind the part that tells places apart.
  const texts = ['1', '2'].map(
    (agent) => `CONNECT ${'a'.repeat(60)}.${'b'.repeat(60)}.example:443 HTTP/1.1\r\nA: ${agent}\r\n\r\n`,
  );
  const [first, second] = texts.map((text) => ({
    bytes: bytesOf(text),
    head: { name: text, length: text.length },
  }));
  if (first === undefined || second === undefined) throw new Error('Two texts');
  keep(known, first.bytes, first.head);
  t.equal(known.find(second.bytes), undefined);
  keep(known, second.bytes, second.head);
  t.equal(known.find(second.bytes), second.head);
  t.equal(known.find(first.bytes), undefined);
});
