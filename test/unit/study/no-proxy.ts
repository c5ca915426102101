import t from 'tap';
import { parseNetwork } from '#net/ip.ts';
import { asAddress, asCidr, asPatterns, asRange, listExceptions, parseException } from '#study/no-proxy.ts';

type Write = typeof asCidr;

const ROWS: readonly [network: string, write: Write, words: readonly string[]][] = [
  ['10.1.2.3', asCidr, ['10.1.2.3']],
  ['10.0.0.0/8', asCidr, ['10.0.0.0/8']],
  ['2001:db8::/32', asCidr, ['2001:db8::/32']],
  ['::1', asCidr, ['::1']],
  ['10.1.2.3', asAddress, ['10.1.2.3']],
  ['10.0.0.0/31', asAddress, []],
  ['::1/128', asAddress, ['::1']],
  ['10.128.0.0/14', asRange, ['10.128.0.0-10.131.255.255']],
  ['192.168.0.0/16', asRange, ['192.168.0.0-192.168.255.255']],
  ['0.0.0.0/0', asRange, ['0.0.0.0-255.255.255.255']],
  ['10.1.2.2/31', asRange, ['10.1.2.2-10.1.2.3']],
  ['10.1.2.3', asRange, ['10.1.2.3']],
  ['::1', asRange, ['::1']],
  ['2001:db8::/32', asRange, []],
  ['10.0.0.0/8', asPatterns, ['10.*']],
  ['10.1.0.0/16', asPatterns, ['10.1.*']],
  ['10.1.2.0/24', asPatterns, ['10.1.2.*']],
  ['10.1.2.3', asPatterns, ['10.1.2.3']],
  ['0.0.0.0/0', asPatterns, ['*']],
  ['10.128.0.0/14', asPatterns, ['10.128.*', '10.129.*', '10.130.*', '10.131.*']],
  ['10.1.2.4/31', asPatterns, ['10.1.2.4', '10.1.2.5']],
  ['::1', asPatterns, ['[::1]']],
  ['2001:db8::/32', asPatterns, []],
];

for (const [text, write, words] of ROWS) {
  t.test(`${write.name}() writes ${text} as ${words.join(' ') || 'nothing'}`, async (t) => {
    t.same(write(parseNetwork(text)), words);
  });
}

t.test('listExceptions() leaves no doubt about a name and what is under it', async (t) => {
  const exceptions = ['x.com', '.y.com', '*.z.com', 'x.com', '10.0.0.0/8', '2001:db8::/32'].map(
    parseException,
  );
  t.same(listExceptions(exceptions, asCidr), {
    entries: ['x.com', 'y.com', '.y.com', '.z.com', '10.0.0.0/8', '2001:db8::/32'],
    leftOut: [],
  });
  t.same(
    listExceptions(exceptions, asPatterns, (name) => `*.${name}`),
    { entries: ['x.com', 'y.com', '*.y.com', '*.z.com', '10.*'], leftOut: ['2001:db8::/32'] },
  );
});

t.test('parseException() says what is wrong', async (t) => {
  t.throws(() => parseException('10.0.0.1/8'), { message: /host bits set, write "10\.0\.0\.0\/8"/ });
  t.throws(() => parseException('http://x.com'), { message: /^Network / });
  t.throws(() => parseException('x.com:80'), { message: /^Domain "x\.com:80" is no host name/ });
  t.throws(() => parseException('*'), { message: /^Domain "\*"/ });
});
