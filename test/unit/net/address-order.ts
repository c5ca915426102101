import t from 'tap';
import { orderAddresses } from '#net/address-order.ts';
import { ip } from '../../fixtures/subject.ts';

const DUAL = ['127.0.0.1', '::1', '198.41.0.4', '2600:1900::4', 'fe80::4'];
const ONLY_V4 = ['127.0.0.1', '198.41.0.4'];
const V4_AND_ULA = ['127.0.0.1', '::1', '10.0.0.4', 'fd00::4', 'fe80::4'];

/** By a sentence: the addresses of this host, those of the name, and the order in which they are to be tried. */
const CASES: Readonly<Record<string, readonly [own: string[], given: string[], expected: string[]]>> = {
  'rule 1: a family of which this host has no address comes last': [
    ONLY_V4,
    ['2606:4700::1', '93.184.216.34'],
    ['93.184.216.34', '2606:4700::1'],
  ],
  'rule 1: without any address of ours precedence decides': [
    [],
    ['93.184.216.34', '2606:4700::1'],
    ['2606:4700::1', '93.184.216.34'],
  ],
  'rule 2: an address of the scope of our own comes first': [
    ['127.0.0.1', '198.41.0.4', 'fe80::4'],
    ['2606:4700::1', '93.184.216.34'],
    ['93.184.216.34', '2606:4700::1'],
  ],
  'rule 5: unique local addresses of ours are no way to a global one': [
    V4_AND_ULA,
    ['2606:4700::1', '93.184.216.34'],
    ['93.184.216.34', '2606:4700::1'],
  ],
  'rule 5: and they are one to another of their kind': [
    V4_AND_ULA,
    ['2606:4700::1', 'fd00::9'],
    ['fd00::9', '2606:4700::1'],
  ],
  'rule 6: IPv6 comes before IPv4 where this host has both': [
    DUAL,
    ['93.184.216.34', '2606:4700::1'],
    ['2606:4700::1', '93.184.216.34'],
  ],
  'rule 6: 6to4, Teredo, 6bone and site-local come behind IPv6': [
    [...DUAL, '2002:c629:4::1', '2001::4', '3ffe::4', 'fec0::4'],
    ['3ffe::1', 'fec0::1', '2001::1', '2002:1::1', '2606:4700::1'],
    ['2606:4700::1', '2002:1::1', '2001::1', 'fec0::1', '3ffe::1'],
  ],
  'rule 6: loopback comes first': [DUAL, ['2606:4700::1', '::1'], ['::1', '2606:4700::1']],
  'rule 8: the smaller scope comes first': [
    ['169.254.0.4', '198.41.0.4'],
    ['93.184.216.34', '169.254.0.9'],
    ['169.254.0.9', '93.184.216.34'],
  ],
  'rule 9: of IPv6 the one that is nearer to our own': [
    DUAL,
    ['2a00:1450::1', '2600:1900::9', '2600:1901::9'],
    ['2600:1900::9', '2600:1901::9', '2a00:1450::1'],
  ],
  'rule 9: the second half of the prefix counts too': [
    ['2600:1900:0:1::4'],
    ['2600:1900:8000::9', '2600:1900:0:2::9', '2600:1900:0:1::9'],
    ['2600:1900:0:1::9', '2600:1900:0:2::9', '2600:1900:8000::9'],
  ],
  'rule 10: IPv4 stays in the order of the answer': [
    DUAL,
    ['93.184.216.36', '198.41.0.5', '93.184.216.34'],
    ['93.184.216.36', '198.41.0.5', '93.184.216.34'],
  ],
  'families take turns, the better one first': [
    DUAL,
    ['192.0.2.1', '192.0.2.2', '192.0.2.3', '2606:4700::1', '2606:4700::1:1'],
    ['2606:4700::1', '192.0.2.1', '2606:4700::1:1', '192.0.2.2', '192.0.2.3'],
  ],
  'one address is in its order': [DUAL, ['192.0.2.1'], ['192.0.2.1']],
};

for (const [title, [own, given, expected]] of Object.entries(CASES)) {
  t.test(`orderAddresses() ${title}`, async (t) => {
    const ordered = orderAddresses(given.map(ip), own.map(ip));
    t.same(
      ordered.map(({ text }) => text),
      expected,
    );
  });
}

/** Of several addresses of ours, the one that RFC 6724 section 5 chooses shows in what comes of it. */
const SOURCES: Readonly<Record<string, readonly [own: string[], given: string[], expected: string[]]>> = {
  'one of the scope of the destination, whatever comes first': [
    ['fe80::4', '2600:1900::4', '198.41.0.4'],
    ['93.184.216.34', '2606:4700::1'],
    ['2606:4700::1', '93.184.216.34'],
  ],
  'and not the greater scope for what is near': [
    ['2600:1900::4', 'fe80::4'],
    ['2606:4700::1', 'fe80::9'],
    ['fe80::9', '2606:4700::1'],
  ],
  'one with the label of the destination': [
    ['fd00::4', '2600:1900::4', 'fd00::5', '198.41.0.4'],
    ['93.184.216.34', '2606:4700::1'],
    ['2606:4700::1', '93.184.216.34'],
  ],
  'one that has more in common with it': [
    ['2a00:1450::4', '2600:1900::4', '2c00::4'],
    ['2c0f::1', '2600:1900::9'],
    ['2600:1900::9', '2c0f::1'],
  ],
};

for (const [title, [own, given, expected]] of Object.entries(SOURCES)) {
  t.test(`orderAddresses() takes of ours ${title}`, async (t) => {
    const ordered = orderAddresses(given.map(ip), own.map(ip));
    t.same(
      ordered.map(({ text }) => text),
      expected,
    );
  });
}
