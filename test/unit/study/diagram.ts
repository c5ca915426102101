import { join } from 'node:path';
import t from 'tap';
import { loadConfig, parseConfig } from '#config/load.ts';
import { diagram } from '#study/diagram.ts';
import { configText } from '../../fixtures/config.ts';
import { keyFile } from '../../fixtures/hops.ts';
import { Issuer } from '../../fixtures/tls.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');

t.test('diagram() draws one tier', async (t) => {
  t.equal(
    diagram([await parseConfig(configText())]),
    `flowchart LR
  clients([Clients])
  subgraph tier1["t1"]
    tier1_listener1["listener main<br/>127.0.0.1:0"]
    tier1_rule1{"rule 1: tls<br/>allow tls_ports"}
    tier1_denied["403 denied"]
    tier1_route1["route internet<br/>direct"]
  end
  internet([Internet])
  clients --> tier1_listener1
  tier1_listener1 --> tier1_rule1
  tier1_rule1 -->|allowed| tier1_route1
  tier1_rule1 -->|else| tier1_denied
  tier1_route1 --> internet
`,
  );
});

t.test('diagram() names the socket of a listener that has no address of its own', async (t) => {
  const text = configText().replace('127.0.0.1:0', '"systemd:weir"');
  t.match(diagram([await parseConfig(text)]), /"listener main<br\/>systemd:weir"/);
});

/** Every arrow, as pairs of ids with the word on it. */
function arrows(text: string): string[] {
  return [...text.matchAll(/^ {2}(\w+) -->(?:\|([^|]+)\|)? (\w+)$/gm)].map(
    ([, from, word = '', to]) => `${from} ${word} ${to}`,
  );
}

t.test('diagram() leads from tier to tier, rule by rule', async (t) => {
  const tiers = await Promise.all(['t1.yaml', 't2.yaml'].map((name) => loadConfig(join(EXAMPLES, name))));
  const text = diagram(tiers);
  t.equal(diagram(tiers), text, 'the same each time');
  const found = arrows(text);
  for (const arrow of [
    'clients  tier1_listener1',
    'tier1_rule1 denied tier1_denied',
    'tier1_rule1 else tier1_rule2',
    'tier1_rule5 allowed tier1_route1',
    'tier1_rule5 else tier1_denied',
    'tier1_route1  tier1_peer1',
    'tier1_route1  tier1_peer2',
    'tier1_peer1  tier2_listener1',
    'tier1_peer2  tier2_listener1',
    'tier2_route1  internet',
  ]) {
    t.ok(found.includes(arrow), arrow);
  }
  t.match(text, /tier1_rule1\{"rule 1: not-localnet<br\/>deny !localnet"\}/);
  t.match(text, /tier1_route1\["route out<br\/>leastTunnels"\]/);
  t.match(text, /tier1_peer1\["peer vm-a<br\/>int-proxy-a\.aibang\.com:3128<br\/>8 standby"\]/);
});

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());
const { certFile, keyFile: key } = await issuer.issue('t2.example');

t.test('diagram() tells on arrows how hops speak and what they tell each other', async (t) => {
  const [one, two] = [keyFile(t, 1), keyFile(t, 2)];
  const certificate = `cert: ${certFile}, key: ${key}`;
  const ca = issuer.caFile;
  const first = await parseConfig(
    configText(
      `peers: { a: { address: "a.test:1", hop: true, tls: { ca: ${ca}, ${certificate} } }, b: { address: "b.test:1", tls: { ca: ${ca} } }, c: { address: "c.test:1", hop: true } }`,
      'hop: { assert: { keyFile: KEY } }'.replace('KEY', one),
    )
      .replace('direct: true', 'peers: [a, b, c]')
      .replace(':0 }', `:0, tls: { ${certificate} } }`),
  );
  const secondWith = (believes: string) =>
    parseConfig(
      configText(
        'hop: { trust: { from: [tls_ports], keyFiles: [KEY], audience: ["a.test:1"] } }'.replace(
          'KEY',
          believes,
        ),
      ).replace(':0 }', `:1, tls: { ${certificate}, clientCa: ${ca} } }`),
    );
  const second = await secondWith(one);
  const found = arrows(diagram([first, second]));
  for (const arrow of [
    'clients TLS tier1_listener1',
    'tier1_peer1 mutual TLS, identity believed tier2_listener1',
    'tier1_peer2 TLS tier2_listener1',
    'tier1_peer3 identity asserted tier2_listener1',
  ])
    t.ok(found.includes(arrow), arrow);
  t.ok(
    arrows(diagram([first, await secondWith(two)])).includes(
      'tier1_peer1 mutual TLS, identity asserted tier2_listener1',
    ),
    'with another key nobody believes it',
  );
  t.match(
    diagram([first]),
    '["peer a<br/>a.test:1<br/>mutual TLS, identity asserted"]',
    'without the next tier the peer says it',
  );
  t.ok(arrows(diagram([second])).includes('clients mutual TLS tier1_listener1'));
});

t.test('diagram() draws every line as a node, a frame or an arrow between such', async (t) => {
  const tiers = await Promise.all(['t1.yaml', 't2.yaml'].map((name) => loadConfig(join(EXAMPLES, name))));
  const lines = diagram(tiers).trimEnd().split('\n');
  const ids = new Set<string>();
  for (const line of lines) {
    const [, id] = /^ +(?:subgraph )?(\w+)(?:\["[^"]*"\]|\{"[^"]*"\}|\(\[\w+\]\))$/.exec(line) ?? [];
    if (id !== undefined) ids.add(id);
    else t.match(line, /^(?:flowchart LR| {2}end| {2}\w+ -->.*)$/);
  }
  for (const [from, , to] of arrows(lines.join('\n')).map((arrow) => arrow.split(' '))) {
    t.ok(ids.has(String(from)) && ids.has(String(to)), `${from} to ${to}`);
  }
});

t.test('diagram() tells routes with conditions, and what none of them takes', async (t) => {
  const peers =
    'peers: { a: { address: "a.example:3128" }, b: { address: "b.example:8080", weight: 2, maxTunnels: 9 } }';
  const routes =
    'routes: [{ name: one, when: [tls_ports], peers: [a] }, { name: two, when: ["!tls_ports"], peers: [b] }]';
  const tier = await parseConfig(configText().replace(/^routes.*$/m, `${peers}\n${routes}`));
  const other = await parseConfig(configText().replace('127.0.0.1:0', '127.0.0.1:8080'));
  const text = diagram([tier, other]);
  t.match(text, /"route two<br\/>when !tls_ports<br\/>by peer"/);
  t.match(text, /"peer a<br\/>a\.example:3128"/);
  t.match(text, /"peer b<br\/>b\.example:8080<br\/>weight 2, at most 9 tunnels"/);
  const found = arrows(text);
  t.ok(found.includes('tier1_route1 else tier1_route2'));
  t.ok(found.includes('tier1_route2 else tier1_noroute'));
  t.ok(found.includes('tier1_peer1  tier2'), 'a port that nobody listens on leads to the tier');
  t.ok(found.includes('tier1_peer2  tier2_listener1'));
});

t.test('diagram() tells from which address a direct route leads out', async (t) => {
  const routes = 'routes: [{ name: out, direct: true, sourceAddress: 10.0.0.5 }]';
  const text = diagram([await parseConfig(configText().replace(/^routes.*$/m, routes))]);
  t.match(text, /tier1_route1\["route out<br\/>direct from 10\.0\.0\.5"\]/);
});

t.test('diagram() has nothing in a label that would be obeyed', async (t) => {
  const tier = await parseConfig(configText());
  const text = diagram([{ ...tier, name: 'a"]<b>`#&;\n`' }]);
  t.match(text, /^ {2}subgraph tier1\["a#34;\]#60;b#62;#96;#35;#38;#59;#10;#96;"\]$/m);
});

t.test('diagram() draws a tier that lets nothing pass', async (t) => {
  const tier = await parseConfig(configText());
  const text = diagram([{ ...tier, policy: { acls: {}, access: [] }, routes: [] }]);
  t.ok(arrows(text).includes('tier1_listener1  tier1_denied'));
  t.notMatch(text, /internet/);
});

t.test('diagram() lets a rule in report mode decide nothing', async (t) => {
  const tier = await parseConfig(
    configText().replace('access: [', "access: [{ name: pilot, deny: ['!tls_ports'], mode: report }, "),
  );
  const text = diagram([tier]);
  t.match(text, /"rule 1: pilot<br\/>report deny !tls_ports"/);
  t.same(
    arrows(text).filter((arrow) => arrow.startsWith('tier1_rule1 ')),
    ['tier1_rule1  tier1_rule2'],
  );
});

t.test('diagram() draws what there is of a chain', async (t) => {
  t.equal(diagram([]), 'flowchart LR\n  clients([Clients])\n');
  const tier = await parseConfig(configText());
  t.ok(arrows(diagram([{ ...tier, routes: [] }])).includes('tier1_rule1 allowed tier1_noroute'));
  const first = await loadConfig(join(EXAMPLES, 't1.yaml'));
  t.same(
    arrows(diagram([first])).filter((arrow) => arrow.startsWith('tier1_peer')),
    [],
    'a peer leads nowhere without the next tier',
  );
});
