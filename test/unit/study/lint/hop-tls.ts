import t from 'tap';
import { lintSecurity } from '#study/lint/hop-tls.ts';
import { waysBetween } from '#study/lint/hop-way.ts';
import { firstTier, secondTier } from '../../../fixtures/studied.ts';
import { Issuer } from '../../../fixtures/tls.ts';

const [issuer, stranger] = await Promise.all([Issuer.open(), Issuer.open()]);
t.teardown(() => Promise.all([issuer, stranger].map((one) => one[Symbol.asyncDispose]())));
const [t1, t2] = await Promise.all([
  issuer.issue('t1'),
  issuer.issue('t2', { names: 'DNS:t2.test' }),
  issuer.issue('client', { names: 'DNS:t2.test\nextendedKeyUsage=clientAuth' }),
  issuer.issue('server', { names: 'DNS:t1.test\nextendedKeyUsage=serverAuth' }),
]);
const { caFile } = issuer;
const server = `${issuer.folder}/server`;

const RULES = 'access: [{ name: everything, allow: [all] }]';
const PEER = `tls: { ca: ${caFile}, cert: ${t1.certFile}, key: ${t1.keyFile} }`;
const DOOR = `tls: { cert: ${t2.certFile}, key: ${t2.keyFile}, clientCa: ${caFile} }`;

/** The codes and messages of what one peer and these listeners, all on its port, have against each other. */
async function between(peer: string, ...doors: readonly string[]): Promise<string[]> {
  const first = `${RULES}\npeers: { vm: { address: "t2.test:3128", ${peer} } }`;
  const listeners = doors.map(
    (keys, index) => `{ name: l${index}, address: "127.0.0.${index + 1}:3128", ${keys} }`,
  );
  const second = `listeners: [${listeners.join(', ')}]\n${RULES}`;
  const ways = waysBetween((await firstTier(first)).config, (await secondTier(second)).config);
  return ways.flatMap(lintSecurity).map(({ code, message }) => `${code}: ${message}`);
}

const ROWS: Readonly<
  Record<string, readonly [peer: string, doors: readonly string[], found: RegExp | undefined]>
> = {
  'both plain': ['', [''], undefined],
  'both with certificates that the other takes': [PEER, [DOOR], undefined],
  'no certificate where none is asked for': [
    `tls: { ca: ${caFile} }`,
    [DOOR.replace(/, clientCa.*/, ' }')],
    undefined,
  ],
  'a plain peer and a listener with TLS': [
    '',
    [DOOR],
    /^tls-on-one-side: Tier 1 speaks plain TCP to peer "vm"/,
  ],
  'a plain peer, and one of two listeners with TLS': ['', [DOOR, ''], undefined],
  'TLS to a plain listener': [PEER, [''], /^tls-on-one-side: Tier 1 speaks TLS to peer "vm"/],
  'TLS to a plain listener behind a balancer': [PEER, ['proxyProtocol: { from: [10.0.0.0/8] }'], undefined],
  'TLS to one of two listeners': [PEER, [DOOR, ''], undefined],
  'no certificate where one is asked for': [
    `tls: { ca: ${caFile} }`,
    [DOOR],
    /^client-certificate-refused: .* shows peer "vm" none$/,
  ],
  'a certificate of an authority that tier 2 does not know': [
    PEER,
    [DOOR.replace(/clientCa.*/, `clientCa: ${stranger.caFile} }`)],
    /^client-certificate-refused: .* is of no authority in clientCa of tier 2$/,
  ],
  'a certificate that one of two listeners takes': [
    PEER,
    [DOOR.replace(/clientCa.*/, `clientCa: ${stranger.caFile} }`), DOOR],
    undefined,
  ],
  'a certificate for servers, shown by the client': [
    `tls: { ca: ${caFile}, cert: ${server}.pem, key: ${server}.key }`,
    [DOOR],
    /^client-certificate-refused: .* is none for clients$/,
  ],
  'an authority that is not that of tier 2': [
    PEER.replace(caFile, stranger.caFile),
    [DOOR],
    /^peer-certificate-refused: .* of no authority in tls.ca of peer "vm"$/,
  ],
  'a name that the certificate does not have': [
    PEER.replace('}', ', serverName: vm-a.test }'),
    [DOOR],
    /^peer-certificate-refused: .* does not name "vm-a.test", as which tier 1 knows peer "vm"$/,
  ],
  'a certificate for clients, shown by the server': [
    PEER,
    [DOOR.replaceAll(/t2\.(pem|key)/g, 'client.$1')],
    /^peer-certificate-refused: .* is none for servers$/,
  ],
};

for (const [what, [peer, doors, expected]] of Object.entries(ROWS)) {
  t.test(`lintSecurity() about ${what}`, async (t) => {
    const found = await between(peer, ...doors);
    t.equal(found.length, expected === undefined ? 0 : 1, found.join('\n'));
    if (expected !== undefined) t.match(found[0], expected);
  });
}

t.test('lintSecurity() says nothing of what it does not see, and no secret', async (t) => {
  const first = `${RULES}\npeers: { vm: { address: "t2.test:8080", ${PEER} } }`;
  const ways = waysBetween((await firstTier(first)).config, (await secondTier(RULES)).config);
  t.same(ways.flatMap(lintSecurity), [], 'no listener has the port');
  const found = await between(PEER.replace(caFile, stranger.caFile), DOOR);
  t.equal(found.length, 1);
  for (const { key } of [t1, t2]) t.notMatch(found.join(), key);
});

t.test('lintSecurity() says nothing of files that were not read', async (t) => {
  const first = `${RULES}\npeers: { vm: { address: "t2.test:3128", ${PEER.replace(caFile, stranger.caFile)} } }`;
  const second = `listeners: [{ name: main, address: "127.0.0.1:3128", ${DOOR} }]\n${RULES}`;
  const ways = waysBetween((await firstTier(first)).config, (await secondTier(second)).config);
  t.equal(ways.flatMap(lintSecurity).length, 1);
  const unread = ways.map((way) => {
    const tls = way.peer.tls && { ...way.peer.tls, ca: '', own: { cert: '', key: '' } };
    return { ...way, peer: { ...way.peer, tls } };
  });
  t.same(unread.flatMap(lintSecurity), []);
});
