import t from 'tap';
import { groupTraffic } from '#study/group-traffic.ts';

type Row = readonly [source: string, method: string, host: string, port: number];

const AT = { firstMs: 5, lastMs: 7 };

function grouped(rows: readonly Row[], fold = false) {
  const table = rows.map(([source, method, host, port], index) => {
    const kind = source.includes('/') ? 'network' : 'namespace';
    const hostKind = /^[\d.]+$/.test(host) ? 'ip' : 'name';
    return { row: [kind, source, method, hostKind, host, `${port}`], seen: { ...AT, count: 100 - index } };
  });
  return groupTraffic(table, fold).map(({ sources, methods, ports, hosts }) => [
    sources.values.join(' '),
    methods.join(' '),
    ports.join(' '),
    hosts.map(({ text }) => text).join(' '),
  ]);
}

t.test('groupTraffic() puts hosts with the same methods and ports into one rule', async (t) => {
  const rows: Row[] = [
    ['api', 'CONNECT', 'a.example', 443],
    ['api', 'CONNECT', 'b.example', 443],
    ['api', 'CONNECT', 'b.example', 8443],
    ['api', 'CONNECT', 'c.example', 8443],
    ['api', 'CONNECT', 'c.example', 443],
  ];
  t.same(grouped(rows), [
    ['api', 'CONNECT', '443 8443', 'b.example c.example'],
    ['api', 'CONNECT', '443', 'a.example'],
  ]);
});

t.test('groupTraffic() makes no product that was not seen', async (t) => {
  const rows: Row[] = [
    ['api', 'GET', 'a.example', 80],
    ['api', 'POST', 'a.example', 80],
    ['api', 'CONNECT', 'a.example', 443],
    ['api', 'GET', '192.0.2.1', 80],
    ['api', 'POST', '192.0.2.1', 80],
  ];
  t.same(grouped(rows).sort(), [
    ['api', 'CONNECT', '443', 'a.example'],
    ['api', 'GET POST', '80', '192.0.2.1'],
    ['api', 'GET POST', '80', 'a.example'],
  ]);
});

t.test(
  'groupTraffic() puts those who ask for the same together, but no namespaces with networks',
  async (t) => {
    const rows: Row[] = ['web', 'api', '10.0.0.0/24', '10.0.1.0/24'].flatMap((source): Row[] => [
      [source, 'CONNECT', 'a.example', 443],
      [source, 'CONNECT', 'b.example', 443],
    ]);
    const other: Row = ['db', 'CONNECT', 'a.example', 443];
    t.same(grouped([...rows, other]), [
      ['api web', 'CONNECT', '443', 'a.example b.example'],
      ['10.0.0.0/24 10.0.1.0/24', 'CONNECT', '443', 'a.example b.example'],
      ['db', 'CONNECT', '443', 'a.example'],
    ]);
  },
);

t.test(
  'groupTraffic() folds several names under one registrable domain, where that is asked for',
  async (t) => {
    const names = ['a.x.example.com', 'b.example.com', 'one.org', 'a.github.io', 'b.github.io', '192.0.2.1'];
    const rows = names.map((host): Row => ['api', 'CONNECT', host, 443]);
    t.same(grouped(rows, true), [
      ['api', 'CONNECT', '443', '.example.com one.org a.github.io b.github.io'],
      ['api', 'CONNECT', '443', '192.0.2.1'],
    ]);
    t.same(grouped(rows)[0]?.[3]?.split(' ').length, 5);
  },
);

t.test('groupTraffic() adds up what it puts together', async (t) => {
  const row = (source: string, host: string) => ['network', source, 'CONNECT', 'name', host, '443'];
  const [rule, ...others] = groupTraffic(
    [
      { row: row('10.0.0.0/24', 'a.example.com'), seen: { count: 3, firstMs: 10, lastMs: 20 } },
      { row: row('10.0.0.0/24', 'b.example.com'), seen: { count: 4, firstMs: 5, lastMs: 6 } },
      { row: row('10.0.1.0/24', 'b.example.com'), seen: { count: 5, firstMs: 50, lastMs: 60 } },
      { row: row('10.0.1.0/24', 'c.example.com'), seen: { count: 1, firstMs: 50, lastMs: 70 } },
    ],
    true,
  );
  t.same(others, []);
  t.same(rule?.seen, { count: 13, firstMs: 5, lastMs: 70 });
  t.match(rule?.hosts, [
    { text: '.example.com', names: ['a.example.com', 'b.example.com', 'c.example.com'], seen: { count: 13 } },
  ]);
});

t.test('groupTraffic() makes nothing of nothing', async (t) => {
  t.same(groupTraffic([], true), []);
});

t.test('groupTraffic() puts what was seen equally often in the order of its text', async (t) => {
  const seen = { ...AT, count: 1 };
  const rows = [
    ['CONNECT', 'b.example', '443'],
    ['CONNECT', 'a.example', '443'],
    ['CONNECT', 'c.example', '443'],
    ['GET', 'a.example', '80'],
    ['GET', 'b.example', '80'],
    ['GET', 'c.example', '80'],
  ].map(([method = '', host = '', port = '']) => ({
    row: ['network', '10.0.0.0/24', method, 'name', host, port],
    seen,
  }));
  for (const table of [rows, rows.toReversed()]) {
    t.same(
      groupTraffic(table, false).map(({ methods, hosts }) => [...methods, ...hosts.map(({ text }) => text)]),
      [
        ['CONNECT', 'a.example', 'b.example', 'c.example'],
        ['GET', 'a.example', 'b.example', 'c.example'],
      ],
    );
  }
});
