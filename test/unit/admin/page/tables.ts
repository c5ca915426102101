import t from 'tap';
import { Scrape } from '#admin/page/exposition.ts';
import { failuresTable, peersTable, refusalsTable } from '#admin/page/tables.ts';
import { parseConfig } from '#config/load.ts';
import { yamlOf } from '../../../fixtures/proxy.ts';

/** What is to be read there, a line for each row, with bars between the cells. */
function rowsOf(text: string): string[] {
  const rows = [...text.matchAll(/<tr>(.*?)<\/tr>/gs)].slice(1);
  return rows.map(([, cells = '']) =>
    cells
      .split('</td>')
      .map((cell) => cell.replaceAll(/<[^>]*>/g, ''))
      .join('|'),
  );
}

const config = await parseConfig(
  yamlOf({
    peers: '{ vm-a: { address: "127.0.0.1:9", hop: true } }',
    routes: '[{ name: out, peers: [vm-a] }]',
  }),
  {},
);

const STATES: Readonly<Record<string, string>> = {
  '': 'not known',
  'up 1': 'up',
  'up 1, reachable 1, authorised 1, egress 1, ejected 0': 'up',
  'up 0': 'down',
  'up 1, ejected 1': 'ejected',
  'up 1, reachable 0': 'unreachable by probe',
  'up 1, reachable 1, authorised 0': 'refuses us',
  'up 1, reachable 1, authorised 1, egress 0': 'egress failing',
  'up 0, reachable 0, ejected 1': 'down, unreachable by probe, ejected',
};

for (const [gauges, state] of Object.entries(STATES)) {
  t.test(`a peer with ${gauges || 'no gauge'} is ${state}`, async (t) => {
    const lines = gauges.split(', ').map((gauge) => `weir_peer_${gauge.replace(' ', '{peer="vm-a"} ')}`);
    const other = 'weir_peer_ejected{peer="vm-b"} 1\nweir_peer_up{peer="vm-b"} 0';
    const { text } = peersTable(config, new Scrape([...lines, other].join('\n')));
    t.equal(rowsOf(text)[0]?.split('|')[1], state);
    t.equal(text.includes('class="good">up<'), state === 'up');
  });
}

t.test('refusals are by rule and reason together, the most first, and 0 is none', async (t) => {
  const scrape = new Scrape(`weir_refusals_total{rule="most",reason="requests_exceeded"} 3
weir_refusals_total{rule="most",reason="peer_refused"} 0
weir_refusals_total{rule="never",reason="rule_denied"} 4
weir_refusals_total{rule="default",reason="no_rule_matched"} 2
weir_refusals_total{rule="",reason="of-a-newer-worker"} 1`);
  t.same(rowsOf(refusalsTable(scrape).text), [
    'never|rule_denied|Denied|4|40 % 40 %|',
    'most|requests_exceeded|Too many requests|3|30 % 30 %|',
    'no rule matched|no_rule_matched|Denied|2|20 % 20 %|',
    'before any rule|of-a-newer-worker||1|10 % 10 %|',
  ]);
});

t.test('failures are by reason over all listeners and methods, without refusals', async (t) => {
  const scrape =
    new Scrape(`weir_requests_total{listener="a",method="GET",outcome="failed",reason="dns_error"} 1
weir_requests_total{listener="b",method="CONNECT",outcome="failed",reason="dns_error"} 1
weir_requests_total{listener="b",method="CONNECT",outcome="failed",reason="peer_timeout"} 6
weir_requests_total{listener="b",method="CONNECT",outcome="denied",reason="rule_denied"} 9`);
  t.same(rowsOf(failuresTable(scrape).text), [
    'peer_timeout|Peer did not answer in time|6|75 % 75 %|',
    'dns_error|Name cannot be resolved|2|25 % 25 %|',
  ]);
});

t.test('no more rows are shown than are read', async (t) => {
  const lines = Array.from(
    { length: 40 },
    (_, at) => `weir_refusals_total{rule="r${at}",reason="rule_denied"} ${at}`,
  );
  const rows = rowsOf(refusalsTable(new Scrape(lines.join('\n'))).text);
  t.equal(rows.length, 12);
  t.match(rows[0], /^r39\|/);
});
