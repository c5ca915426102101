import t from 'tap';
import { areAll, networksOf, parseAddresses, withoutOverlaps } from '#migrate/networks.ts';
import { parseNetwork } from '#net/ip.ts';

const VALUES: Readonly<Record<string, readonly string[] | undefined>> = {
  '10.0.0.1': ['10.0.0.1/32'],
  '10.0.0.0/8': ['10.0.0.0/8'],
  '10.0.0.0/255.0.0.0': ['10.0.0.0/8'],
  '10.1.2.3/8': ['10.0.0.0/8'],
  '10.0.0.1-10.0.0.6': ['10.0.0.1/32', '10.0.0.2/31', '10.0.0.4/31', '10.0.0.6/32'],
  '127.0.0.5-127.0.0.6/31': ['127.0.0.4/30'],
  '0.0.0.1-0.255.255.255': [
    ...Array.from(
      { length: 24 },
      (_, bit) => `0.${[16, 8, 0].map((by) => ((1 << bit) >> by) & 255).join('.')}/${32 - bit}`,
    ),
  ],
  '::1': ['::1/128'],
  'fc00::/7': ['fc00::/7'],
  'fe80::1-fe80::2': ['fe80::1/128', 'fe80::2/128'],
  all: ['0.0.0.0/0', '::/0'],
  '0/0': ['0.0.0.0/0', '::/0'],
  ipv4: ['0.0.0.0/0'],
  'example.com': undefined,
  '10.0.0.6-10.0.0.1': undefined,
  '10.0.0.1-::1': undefined,
  '10.0.0.0/33': undefined,
  '10.0.0.0/255.0.255.0': undefined,
  '10.0.0.256': undefined,
};

for (const [text, networks] of Object.entries(VALUES)) {
  t.test(`parseAddresses() of ${text}`, async (t) => {
    t.same(parseAddresses(text)?.ranges.flatMap(networksOf), networks);
    for (const network of networks ?? []) t.doesNotThrow(() => parseNetwork(network), 'Weir reads it');
  });
}

t.test('parseAddresses() says where a mask takes bits away', async (t) => {
  t.ok(parseAddresses('10.1.2.3/8')?.isCut);
  t.notOk(parseAddresses('10.0.0.0/8')?.isCut);
});

t.test('areAll() takes both families', async (t) => {
  t.ok(areAll(parseAddresses('all')?.ranges ?? []));
  t.notOk(areAll(parseAddresses('ipv4')?.ranges ?? []));
});

t.test('withoutOverlaps() loses what Squid 5 was seen to ignore', async (t) => {
  const values = (...texts: string[]) =>
    texts.map((text) => ({ text, ranges: parseAddresses(text)?.ranges ?? [] }));
  const told = (...texts: string[]) => {
    const { counted, lost } = withoutOverlaps(values(...texts));
    return {
      counted: counted.map(({ text }) => text),
      lost: lost.map(({ value, by }) => `${value.text} by ${by.text}`),
    };
  };
  t.same(told('127.0.0.2', '127.0.0.0/24'), { counted: ['127.0.0.2'], lost: ['127.0.0.0/24 by 127.0.0.2'] });
  t.same(told('127.0.0.0/24', '127.0.0.2'), { counted: ['127.0.0.0/24'], lost: [] }, 'no loss');
  t.same(told('127.0.0.1', 'all'), { counted: ['127.0.0.1'], lost: ['all by 127.0.0.1'] }, 'not even all');
  t.same(told('10.0.0.0/8', 'fc00::/7', '11.0.0.0/8'), {
    counted: ['10.0.0.0/8', 'fc00::/7', '11.0.0.0/8'],
    lost: [],
  });
});
