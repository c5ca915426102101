import t from 'tap';
import {
  DEFAULT_ADMIN_ADDRESS,
  isCollision,
  parseListenAddress,
  parseListenerAddress,
} from '#config/listen-address.ts';

const GOOD: Readonly<Record<string, readonly [ip: string, port: number]>> = {
  '127.0.0.1:3128': ['127.0.0.1', 3128],
  '0.0.0.0:0': ['0.0.0.0', 0],
  '[::]:65535': ['::', 65_535],
  '[FE80:0::1]:80': ['fe80::1', 80],
  [DEFAULT_ADMIN_ADDRESS]: ['127.0.0.1', 9128],
};

for (const [text, [ip, port]] of Object.entries(GOOD)) {
  t.test(`parseListenAddress() reads ${text}`, async (t) => {
    const address = parseListenAddress(text);
    t.equal(address.ip.text, ip);
    t.equal(address.port, port);
  });
}

const BAD = [
  '',
  '3128',
  ':3128',
  '127.0.0.1',
  '127.0.0.1:',
  '127.0.0.1:65536',
  '127.0.0.1:080',
  '127.0.0.1:-1',
  'localhost:3128',
  '*:3128',
  '::1:3128',
  '[::1]',
  '[127.0.0.1]:80',
  '[::1]x:80',
  'systemd:weir',
];

for (const text of BAD) {
  t.test(`parseListenAddress() refuses ${JSON.stringify(text)} and says what to write`, async (t) => {
    const fix = 'write an IP address and port such as "0.0.0.0:3128"';
    t.throws(() => parseListenAddress(text), { message: `Address "${text}" cannot be listened on, ${fix}` });
  });
}

t.test('parseListenerAddress() reads addresses, and names of sockets that systemd hands over', async (t) => {
  t.same(parseListenerAddress('127.0.0.1:3128'), parseListenAddress('127.0.0.1:3128'));
  t.match(parseListenerAddress('systemd:weir'), { ip: { text: '::' }, port: 0, socket: 'weir' });
  t.match(parseListenerAddress('systemd:weir.socket'), { socket: 'weir.socket' });
  t.throws(() => parseListenerAddress('localhost:3128'), { message: /cannot be listened on/ });
  for (const text of ['systemd:', 'systemd:a:b', 'systemd:a b', `systemd:${'a'.repeat(256)}`]) {
    t.throws(() => parseListenerAddress(text), { message: /names no socket, write the FileDescriptorName=/ });
  }
});

t.test('isCollision() of sockets that are handed over goes by their names', async (t) => {
  const [a, b, bound] = ['systemd:a', 'systemd:b', '[::]:3128'].map(parseListenerAddress);
  if (a === undefined || b === undefined || bound === undefined) return;
  t.ok(isCollision(a, parseListenerAddress('systemd:a')));
  t.notOk(isCollision(a, b));
  t.notOk(isCollision(a, bound), 'nobody knows before');
  t.notOk(isCollision(bound, a));
});

const PAIRS: readonly [a: string, b: string, collide: boolean, why: string][] = [
  ['127.0.0.1:80', '127.0.0.1:80', true, 'the same'],
  ['127.0.0.1:80', '127.0.0.1:81', false, 'other ports'],
  ['127.0.0.1:80', '127.0.0.2:80', false, 'other addresses'],
  ['127.0.0.1:0', '127.0.0.1:0', false, 'the system chooses two ports'],
  ['0.0.0.0:80', '127.0.0.1:80', true, 'any IPv4 address takes one'],
  ['[::]:80', '127.0.0.1:80', true, 'any address takes IPv4 too'],
  ['[::]:80', '0.0.0.0:80', true, 'both take IPv4'],
  ['0.0.0.0:80', '[::1]:80', false, 'any IPv4 address takes no IPv6'],
  ['[::]:80', '[::1]:80', true, 'any address takes one'],
];

for (const [a, b, collide, why] of PAIRS) {
  t.test(`isCollision() of ${a} and ${b} is ${collide}: ${why}`, async (t) => {
    t.equal(isCollision(parseListenAddress(a), parseListenAddress(b)), collide);
    t.equal(isCollision(parseListenAddress(b), parseListenAddress(a)), collide, 'either way round');
  });
}
