import t from 'tap';
import { SPECIAL_NAMES, SPECIAL_RANGES } from '#acl/special-purpose.ts';
import { PrefixSet } from '#net/prefix-set.ts';
import { ip } from '../../fixtures/subject.ts';

/** First and last address of each range, and the nearest addresses outside: `*` where that is special for another reason. */
const RANGES: readonly [range: string, first: string, last: string, before: string, after: string][] = [
  ['0.0.0.0/8', '0.0.0.0', '0.255.255.255', '', '1.0.0.0'],
  ['10.0.0.0/8', '10.0.0.0', '10.255.255.255', '9.255.255.255', '11.0.0.0'],
  ['100.64.0.0/10', '100.64.0.0', '100.127.255.255', '100.63.255.255', '100.128.0.0'],
  ['127.0.0.0/8', '127.0.0.0', '127.255.255.255', '126.255.255.255', '128.0.0.0'],
  ['169.254.0.0/16', '169.254.0.0', '169.254.255.255', '169.253.255.255', '169.255.0.0'],
  ['172.16.0.0/12', '172.16.0.0', '172.31.255.255', '172.15.255.255', '172.32.0.0'],
  ['192.0.0.0/24', '192.0.0.0', '192.0.0.255', '191.255.255.255', '192.0.1.0'],
  ['192.0.2.0/24', '192.0.2.0', '192.0.2.255', '192.0.1.255', '192.0.3.0'],
  ['192.88.99.0/24', '192.88.99.0', '192.88.99.255', '192.88.98.255', '192.88.100.0'],
  ['192.168.0.0/16', '192.168.0.0', '192.168.255.255', '192.167.255.255', '192.169.0.0'],
  ['198.18.0.0/15', '198.18.0.0', '198.19.255.255', '198.17.255.255', '198.20.0.0'],
  ['198.51.100.0/24', '198.51.100.0', '198.51.100.255', '198.51.99.255', '198.51.101.0'],
  ['203.0.113.0/24', '203.0.113.0', '203.0.113.255', '203.0.112.255', '203.0.114.0'],
  ['224.0.0.0/4', '224.0.0.0', '239.255.255.255', '223.255.255.255', '* 240.0.0.0'],
  ['240.0.0.0/4', '240.0.0.0', '255.255.255.254', '* 239.255.255.255', '* 255.255.255.255'],
  ['255.255.255.255/32', '255.255.255.255', '255.255.255.255', '* 255.255.255.254', ''],
  ['::/128', '::', '::', '', '* ::1'],
  ['::1/128', '::1', '::1', '* ::', '* ::2'],
  ['::/96', '::2', '::ffff:ffff', '* ::1', '::1:0:0'],
  ['::ffff:0:0:0/96', '::ffff:0:0:0', '::ffff:0:255.255.255.255', '::fffe:ffff:ffff:ffff', '::ffff:1:0:0'],
  ['64:ff9b::/96', '64:ff9b::', '64:ff9b::255.255.255.255', '64:ff9a:ffff::', '64:ff9b::1:0:0'],
  ['64:ff9b:1::/48', '64:ff9b:1::', '64:ff9b:1:ffff:ffff:ffff:ffff:ffff', '64:ff9b:0:ffff::', '64:ff9b:2::'],
  ['100::/64', '100::', '100::ffff:ffff:ffff:ffff', 'ff:ffff::', '* 100:0:0:1::'],
  ['100:0:0:1::/64', '100:0:0:1::', '100:0:0:1:ffff:ffff:ffff:ffff', '* 100::1', '100:0:0:2::'],
  ['2001::/23', '2001:1::', '2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff', '* 2001::1', '2001:200::'],
  ['2001::/32', '2001::', '2001:0:ffff:ffff:ffff:ffff:ffff:ffff', '2000:ffff::', '* 2001:1::'],
  ['2001:db8::/32', '2001:db8::', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', '2001:db7:ffff::', '2001:db9::'],
  ['2002::/16', '2002::', '2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '2001:ffff::', '2003::'],
  ['3fff::/20', '3fff::', '3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff', '3ffe:ffff::', '3fff:1000::'],
  ['5f00::/16', '5f00::', '5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '5eff:ffff::', '5f01::'],
  ['fc00::/7', 'fc00::', 'fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'fbff:ffff::', 'fe00::'],
  ['fe80::/10', 'fe80::', 'febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'fe7f:ffff::', '* fec0::'],
  ['fec0::/10', 'fec0::', 'feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '* febf:ffff::', '* ff00::'],
  ['ff00::/8', 'ff00::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', '* feff:ffff::', ''],
];

const set = new PrefixSet(SPECIAL_RANGES);

for (const [range, first, last, ...neighbours] of RANGES) {
  // Attacks: same-address.
  t.test(`SPECIAL_RANGES has ${range} from its first address to its last`, async (t) => {
    t.equal(set.find(ip(first))?.text, range, first);
    t.equal(set.find(ip(last))?.text, range, last);
    for (const neighbour of neighbours.filter((text) => text !== '')) {
      const found = set.find(ip(neighbour.replace('* ', '')));
      t.not(found?.text, range, neighbour);
      t.equal(
        found !== undefined,
        neighbour.startsWith('*'),
        `${neighbour} is ${found?.why ?? 'not special'}`,
      );
    }
  });
}

t.test('SPECIAL_RANGES has no range but these, each with its use and its source', async (t) => {
  t.same(
    SPECIAL_RANGES.map(({ text }) => text),
    RANGES.map(([range]) => range),
  );
  for (const { text, why } of SPECIAL_RANGES) t.match(why, /^[\w /-]+, RFC \d+$/, text);
});

const METADATA_SERVERS = [
  '169.254.169.254',
  'fd20:ce::254',
  'fd00:ec2::254',
  '100.100.100.200',
  '192.0.0.192',
];

for (const text of METADATA_SERVERS) {
  t.test(`SPECIAL_RANGES has the metadata server ${text}`, async (t) => {
    t.ok(set.has(ip(text)));
  });
}

for (const text of [
  '8.8.8.8',
  '1.1.1.1',
  '168.63.129.16',
  '2606:4700::1111',
  '2001:4860:4860::8888',
  '2620:fe::fe',
]) {
  t.test(`SPECIAL_RANGES leaves the public ${text} alone`, async (t) => {
    t.notOk(set.has(ip(text)));
  });
}

t.test('SPECIAL_NAMES are canonical and none is under another', async (t) => {
  for (const name of SPECIAL_NAMES) {
    t.match(name, /^[a-z-]+(\.[a-z]+)?$/);
    t.notOk(
      SPECIAL_NAMES.some((other) => name.endsWith(`.${other}`)),
      name,
    );
  }
});
