import t from 'tap';
import {
  hashedAuthorization,
  listenerTls,
  peerAuthorization,
  peerTls,
  secretNames,
} from '#config/assemble-tls.ts';
import { limits } from '#config/schema-limits.ts';
import { parseAuthority } from '#net/authority.ts';
import { type IpAddress, parseIp } from '#net/ip.ts';
import { peerOptions } from '../../fixtures/peer.ts';

const TEXTS = new Map([
  ['ca.pem', 'CA'],
  ['a.pem', 'CERT'],
  ['a.key', 'KEY'],
  ['password', 'hunter2\n'],
]);
const PEER = { address: parseAuthority('[2001:db8::1]:3128'), hop: false, weight: 1 };

t.test('listenerTls() has the texts of its files', async (t) => {
  t.equal(listenerTls(undefined, TEXTS), undefined);
  const files = { cert: 'a.pem', key: 'a.key' };
  t.strictSame(listenerTls(files, TEXTS), { cert: 'CERT', key: 'KEY', clientCa: undefined });
  t.match(listenerTls({ ...files, clientCa: 'ca.pem' }, TEXTS), { clientCa: 'CA' });
  const unread = listenerTls({ ...files, clientCa: 'ca.pem' }, new Map());
  t.strictSame(unread, { cert: '', key: '', clientCa: '' }, 'without them it is known that there are some');
});

t.test('peerTls() names the host that is dialled, where the file names no other', async (t) => {
  t.equal(peerTls(PEER, TEXTS), undefined);
  const alone = peerTls({ ...PEER, tls: { ca: 'ca.pem' } }, TEXTS);
  t.strictSame(alone, { ca: 'CA', own: undefined, serverName: '2001:db8::1' });
  const tls = { ca: 'ca.pem', cert: 'a.pem', key: 'a.key', serverName: 'p.test' };
  t.strictSame(peerTls({ ...PEER, tls }, TEXTS), {
    ca: 'CA',
    own: { cert: 'CERT', key: 'KEY' },
    serverName: 'p.test',
  });
});

t.test(
  'peerAuthorization() is Basic, and goes into the policy hash as nothing that is cheap to guess',
  async (t) => {
    t.equal(peerAuthorization(PEER, TEXTS), undefined);
    const authorization = peerAuthorization(
      { ...PEER, auth: { username: 't1', passwordFile: 'password' } },
      TEXTS,
    );
    t.equal(authorization, 'Basic dDE6aHVudGVyMg==');
    const options = peerOptions('p', 3128);
    t.equal(hashedAuthorization(options), options);
    const hashed = hashedAuthorization({ ...options, authorization });
    t.match(hashed.authorization, /^[0-9a-f]{64}$/);
    t.strictSame(hashedAuthorization({ ...options, authorization }), hashed);
    t.not(hashedAuthorization({ ...options, name: 'q', authorization }).authorization, hashed.authorization);
  },
);

t.test('secretNames() has the keys and passwords of listeners and peers, and no certificate', async (t) => {
  const listener = {
    name: 'main',
    address: { ip: parseIp('::1') as IpAddress, port: 1 },
    proxyProtocol: undefined,
  };
  const tls = { ca: 'ca.pem', cert: 'a.pem', key: 'p.key', serverName: undefined };
  t.strictSame(
    secretNames({
      limits: limits.parse({
        store: { redis: { url: 'redis://[::1]', passwordFile: 'redis.password' } },
      }),
      listeners: [listener, { ...listener, tls: { cert: 'a.pem', key: 'a.key', clientCa: 'ca.pem' } }],
      peers: { p: { ...PEER, tls, auth: { username: 't1', passwordFile: 'password' } }, q: PEER },
    }),
    ['redis.password', 'a.key', 'p.key', 'password'],
  );
});
