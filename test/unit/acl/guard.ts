import assert from 'node:assert/strict';
import t from 'tap';
import {
  compileGuard,
  type Guard,
  type GuardOptions,
  isVettedAddress,
  type VettedAddress,
  vet,
  vetName,
} from '#acl/guard.ts';
import { authorise, authoriseAddresses, isPermit, type Permit } from '#acl/permit.ts';
import { SPECIAL_RANGES } from '#acl/special-purpose.ts';
import { parseHost } from '#net/host.ts';
import { embeddedIpv4, type IpAddress } from '#net/ip.ts';
import { allow, policy } from '../../fixtures/policy.ts';
import { ip, networks, type SubjectParts, subject } from '../../fixtures/subject.ts';

/** Never called: its body has to compile, errors as expected. */
export function aVettedAddressCannotBeMadeUp(genuine: VettedAddress, address: IpAddress): VettedAddress[] {
  // @ts-expect-error A plain object with the same field has not been vetted.
  const plain: VettedAddress = { ip: address };
  // @ts-expect-error Nor has a copy of a vetted one.
  const copy: VettedAddress = { ...genuine };
  // @ts-expect-error Nor has an address.
  const bare: VettedAddress = address;
  // @ts-expect-error The class is exported as a type only.
  const made: VettedAddress = new VettedAddress(address);
  return [plain, copy, bare, made];
}

type Parts = Partial<GuardOptions> & { readonly own?: readonly IpAddress[] };

function permit(acls: readonly string[] = ['all'], parts: SubjectParts = {}): Permit {
  const granted = authorise(policy(allow(...acls)), subject(parts));
  assert(isPermit(granted));
  return granted;
}

/** `own`: addresses of this host. */
function guard({ own = [], ...options }: Parts = {}): Guard {
  const ownHost = new Set(own.map(({ text }) => text));
  return compileGuard({ allow: [], deny: [], ownHost, ownPorts: [], ...options });
}

/** `vetted`, or why it was refused. */
function verdict(guarded: Guard, text: string, port = 443): string {
  const { vetted, refused } = vet(guarded, { permit: permit(), addresses: [ip(text)], port });
  assert.equal(vetted.length + refused.length, 1);
  return refused[0]?.why ?? (isVettedAddress(vetted[0]) ? 'vetted' : 'forged');
}

t.test('vet() lets public addresses pass, in order, and refuses special ones', async (t) => {
  const addresses = ['93.184.216.34', '10.0.0.1', '2606:4700::1111', '::1'].map(ip);
  const { vetted, refused } = vet(guard(), { permit: permit(), addresses, port: 443 });
  t.same(
    vetted.map((one) => one.ip.text),
    ['93.184.216.34', '2606:4700::1111'],
  );
  t.ok(vetted.every(isVettedAddress));
  t.same(refused, [
    { address: ip('10.0.0.1'), why: 'private use, RFC 1918' },
    { address: ip('::1'), why: 'loopback, RFC 4291' },
  ]);
});

for (const { text, address } of SPECIAL_RANGES) {
  t.test(`vet() refuses ${text}, unless guard.allow has it`, async (t) => {
    t.match(verdict(guard(), address.text), /, RFC \d+$/);
    const excepted = verdict(guard({ allow: networks(text) }), address.text);
    // What leads to an IPv4 address leads to 0.0.0.0 or 255.255.255.255 here, which has no exception.
    t.match(excepted, embeddedIpv4(address) === undefined ? /^vetted$/ : /, RFC \d+$/);
  });
}

t.test('vet() refuses what guard.deny has, whatever guard.allow has', async (t) => {
  const denying = guard({ allow: networks('10.0.0.0/8'), deny: networks('10.1.0.0/16', '93.184.216.34') });
  t.equal(verdict(denying, '10.0.0.1'), 'vetted');
  t.equal(verdict(denying, '10.1.0.1'), 'guard.deny');
  t.equal(verdict(denying, '93.184.216.34'), 'guard.deny');
});

t.test('vet() refuses addresses of this host, unless guard.allow has them', async (t) => {
  const own = ['198.41.0.4', '2606:4700::1'].map(ip);
  t.equal(verdict(guard({ own }), '198.41.0.4'), 'own address');
  t.equal(verdict(guard({ own }), '2606:4700::1'), 'own address');
  t.equal(verdict(guard({ own, allow: networks('198.41.0.4') }), '198.41.0.4'), 'vetted');
});

const NAT64 = networks('64:ff9b::/96');
const EMBEDDED: readonly [title: string, options: Parts, address: string, expected: string][] = [
  ['refuses NAT64 without an exception', {}, '64:ff9b::93.184.216.34', 'IPv4 behind NAT64, RFC 6052'],
  ['lets NAT64 pass by guard.allow', { allow: NAT64 }, '64:ff9b::93.184.216.34', 'vetted'],
  ['refuses a private address behind it', { allow: NAT64 }, '64:ff9b::10.0.0.1', 'private use, RFC 1918'],
  [
    'refuses a denied address behind it',
    { allow: NAT64, deny: networks('93.184.216.34') },
    '64:ff9b::93.184.216.34',
    'guard.deny',
  ],
  [
    'refuses our own address behind it',
    { allow: NAT64, own: [ip('198.41.0.4')] },
    '64:ff9b::198.41.0.4',
    'own address',
  ],
  [
    'refuses our own listener behind it',
    { allow: [...NAT64, ...networks('127.0.0.0/8')], ownPorts: [{ address: undefined, port: 443 }] },
    '64:ff9b::127.0.0.1',
    'own listener',
  ],
  [
    'lets a private address behind it pass by an exception of its own',
    { allow: [...NAT64, ...networks('10.0.0.0/8')] },
    '64:ff9b::10.0.0.1',
    'vetted',
  ],
  ['refuses ISATAP under a public prefix', {}, '2400:1::5efe:93.184.216.34', 'IPv4 behind ISATAP, RFC 5214'],
  [
    'lets ISATAP pass by guard.allow',
    { allow: networks('2400:1::/64') },
    '2400:1::5efe:93.184.216.34',
    'vetted',
  ],
  [
    'refuses a private address behind ISATAP',
    { allow: networks('2400:1::/64') },
    '2400:1::5efe:10.0.0.1',
    'private use, RFC 1918',
  ],
  ['takes a mapped address for the IPv4 address', {}, '::ffff:10.0.0.1', 'private use, RFC 1918'],
];

for (const [title, options, address, expected] of EMBEDDED) {
  t.test(`vet() ${title}`, async (t) => {
    t.equal(verdict(guard(options), address), expected);
  });
}

const EVERYTHING = networks('0.0.0.0/0', '::/0');
const OWN = ['198.41.0.4', '2606:4700::1'].map(ip);
const LISTENERS: readonly [title: string, bound: string | undefined, own: string[], other: string[]][] = [
  [
    'a listener on any address',
    undefined,
    ['198.41.0.4', '2606:4700::1', '127.0.0.1', '127.255.255.254', '::1', '0.0.0.0', '::'],
    ['93.184.216.34', '126.255.255.255', '128.0.0.0', '2606:4700::2'],
  ],
  [
    'a listener on 0.0.0.0',
    '0.0.0.0',
    ['198.41.0.4', '2606:4700::1', '127.0.0.2', '::1', '0.0.0.0', '::'],
    ['93.184.216.34'],
  ],
  [
    'a listener on ::',
    '::',
    ['198.41.0.4', '2606:4700::1', '127.0.0.2', '::1', '0.0.0.0', '::'],
    ['93.184.216.34'],
  ],
  [
    'a listener on loopback',
    '127.0.0.1',
    ['127.0.0.1', '::ffff:127.0.0.1', '0.0.0.0', '::'],
    ['127.0.0.2', '::1', '198.41.0.4'],
  ],
  ['a listener on one address', '198.41.0.4', ['198.41.0.4'], ['127.0.0.1', '::1', '2606:4700::1']],
];

for (const [title, bound, own, other] of LISTENERS) {
  t.test(`vet() refuses the way back to ${title}, whatever guard.allow has`, async (t) => {
    const address = bound === undefined ? undefined : ip(bound);
    const guarded = guard({ allow: EVERYTHING, own: OWN, ownPorts: [{ address, port: 3128 }] });
    for (const text of own) {
      t.equal(verdict(guarded, text, 3128), 'own listener', text);
      t.not(verdict(guarded, text, 3129), 'own listener', `${text} on another port`);
    }
    for (const text of other) t.equal(verdict(guarded, text, 3128), 'vetted', text);
  });
}

t.test('vet() knows several listeners on one port', async (t) => {
  const ownPorts = ['127.0.0.1', '198.41.0.4'].map((text) => ({ address: ip(text), port: 3128 }));
  const guarded = guard({ allow: EVERYTHING, ownPorts });
  t.equal(verdict(guarded, '127.0.0.1', 3128), 'own listener');
  t.equal(verdict(guarded, '198.41.0.4', 3128), 'own listener');
});

t.test('vet() refuses an address that the permit does not have', async (t) => {
  const granted = authoriseAddresses(policy(allow('public')), subject(), [ip('93.184.216.34')]);
  const addresses = ['93.184.216.34', '93.184.216.35'].map(ip);
  const { vetted, refused } = vet(guard(), { permit: granted as Permit, addresses, port: 443 });
  t.same(
    vetted.map((one) => one.ip),
    [ip('93.184.216.34')],
  );
  t.same(refused, [{ address: ip('93.184.216.35'), why: 'not among those the rule allows' }]);
});

// Attacks: no-dial.
t.test('vet() and vetName() crash on a permit that is none', async (t) => {
  const forged = { ...permit() } as unknown as Permit;
  t.throws(() => vet(guard(), { permit: forged, addresses: [], port: 443 }), { code: 'ERR_ASSERTION' });
  t.throws(() => vetName(guard(), parseHost('example.com'), forged), { code: 'ERR_ASSERTION' });
});

// Attacks: same-address.
t.test('isVettedAddress() knows a vetted address from what looks like one', async (t) => {
  const [genuine] = vet(guard(), { permit: permit(), addresses: [ip('93.184.216.34')], port: 443 }).vetted;
  t.ok(isVettedAddress(genuine));
  for (const value of [{ ...genuine }, ip('93.184.216.34'), undefined, null, 'text'])
    t.notOk(isVettedAddress(value));
});

const SPECIAL = [
  ...[
    'localhost',
    'a.localhost',
    'printer.local',
    'x.svc.cluster.local',
    'a.invalid',
    'a.test',
    'a.onion',
    'internal',
  ],
  ...[
    'metadata.google.internal',
    'router.home.arpa',
    'metadata',
    'metadata.goog',
    'instance-data',
    'vm.corp.internal',
  ],
];

for (const text of SPECIAL) {
  t.test(`vetName() refuses ${text} where the rule names no domain`, async (t) => {
    t.notOk(vetName(guard(), parseHost(text), permit(['pods'])));
    t.notOk(vetName(guard(), parseHost(`${text.toUpperCase()}.`), permit(['pods'])), 'in any spelling');
  });
}

t.test('vetName() lets a special name pass where the rule names its domain', async (t) => {
  const host = 'vm.corp.internal';
  t.ok(vetName(guard(), parseHost(host), permit(['microsoft'], { host })));
  t.notOk(vetName(guard(), parseHost(host), permit(['all'], { host })), 'but not by a broader rule');
});

t.test('vetName() lets every other name pass', async (t) => {
  const names = [
    'example.com',
    'local.example.com',
    'mylocalhost',
    'internal.example',
    'home.example',
    'arpa',
    'goog',
  ];
  for (const text of names) t.ok(vetName(guard(), parseHost(text), permit()), text);
});

t.test('vetName() leaves addresses to vet()', async (t) => {
  t.ok(vetName(guard(), parseHost('127.0.0.1'), permit()));
  t.ok(vetName(guard(), parseHost('[::1]'), permit()));
});

/** What becomes of an address that a rule with `allowPrivate` allows. */
function excepted(text: string, options: Parts, ...allowPrivate: readonly string[]): string {
  const granted = authorise(
    policy({ ...allow('all'), allowPrivate: networks(...allowPrivate) }),
    subject({ port: 443 }),
  );
  assert(isPermit(granted));
  const { refused } = vet(guard(options), { permit: granted, addresses: [ip(text)], port: 443 });
  return refused[0]?.why ?? 'vetted';
}

t.test('vet() lets pass what allowPrivate of the rule has, and nothing else', async (t) => {
  t.equal(excepted('10.20.0.1', {}, '10.20.0.0/16'), 'vetted');
  t.equal(excepted('10.21.0.1', {}, '10.20.0.0/16'), 'private use, RFC 1918');
  t.equal(excepted('198.41.0.4', { own: [ip('198.41.0.4')] }, '198.41.0.4'), 'vetted');
  t.equal(
    excepted('64:ff9b::10.0.0.1', {}, '64:ff9b::/96'),
    'private use, RFC 1918',
    'nor what is behind it',
  );
  t.equal(excepted('64:ff9b::10.0.0.1', {}, '64:ff9b::/96', '10.0.0.0/8'), 'vetted');
});

t.test('vet() refuses by guard.deny and for our own listeners, whatever allowPrivate has', async (t) => {
  t.equal(excepted('10.20.0.1', { deny: networks('10.20.0.1') }, '10.20.0.0/16'), 'guard.deny');
  const ownPorts = [{ address: undefined, port: 443 }];
  t.equal(excepted('127.0.0.1', { ownPorts }, '127.0.0.0/8'), 'own listener');
});

t.test('vet() takes no exception from another rule', async (t) => {
  t.equal(verdict(guard(), '10.20.0.1'), 'private use, RFC 1918');
});
