import fc from 'fast-check';
import t from 'tap';
import { compilePolicy, type Policy } from '#acl/policy.ts';
import { parseConfig } from '#config/load.ts';
import { lint } from '#study/lint/lint.ts';
import { Replay } from '#study/replay.ts';
import { Suggester, type SuggestOptions } from '#study/suggest.ts';
import { suggestionYaml } from '#study/suggestion-yaml.ts';
import { firstTier } from '../../fixtures/studied.ts';

const OPTIONS: SuggestOptions = { traffic: 'allowed', fold: false, prefixes: { ipv4: 24, ipv6: 64 } };

interface Asked {
  readonly client_ip: string;
  readonly method: string;
  readonly host: string;
  readonly port: number;
}

function line({ host, port, ...rest }: Asked, isDenied = false, more: object = {}): string {
  const bracketed = host.includes(':') ? `[${host}]` : host;
  const authority = `${bracketed}:${port}`;
  return JSON.stringify({
    time: '2026-11-23T02:00:10.000Z',
    event: 'end',
    listener: 'main',
    ...rest,
    ...(rest.method === 'CONNECT' ? { target: authority } : { url: `http://${authority}/?[redacted]` }),
    ...(isDenied ? { outcome: 'denied', reason: 'no_rule_matched' } : { outcome: 'completed', rule: 'old' }),
    ...more,
  });
}

const ASKED: Asked = { client_ip: '10.128.0.7', method: 'CONNECT', host: 'a.example.com', port: 443 };

function suggested(lines: readonly string[], options: Partial<SuggestOptions> = {}) {
  const suggester = new Suggester({ ...OPTIONS, ...options });
  const faults = lines.map((text) => suggester.take(text));
  return { ...suggester.result(), faults };
}

/** The suggestion in a file with what it lacks, loaded. */
async function policyFor(lines: readonly string[], options: Partial<SuggestOptions>): Promise<Policy> {
  const yaml = suggestionYaml(suggested(lines, options));
  const head =
    'name: t1\nlisteners: [{ name: main, address: 127.0.0.1:0 }]\nroutes: [{ name: out, direct: true }]\n';
  const { policy, hash } = await parseConfig(head + yaml);
  return compilePolicy(policy, hash);
}

function replayed(policy: Policy, lines: readonly string[]) {
  const replay = new Replay(policy);
  for (const text of lines) replay.take(text);
  return replay.result();
}

const asked = fc.record<Asked>({
  client_ip: fc.constantFrom('10.128.0.7', '10.128.0.8', '10.128.1.7', '::1', '2001:db8::7'),
  method: fc.constantFrom('CONNECT', 'GET', 'POST', 'TRACE'),
  host: fc.constantFrom(
    ...['a.example.com', 'b.example.com', 'x.co.uk', 'y.co.uk', 'a.github.io', 'b.github.io', 'null', 'no'],
    ...[
      '0xf.example.org',
      '1.example.org',
      'xn--bcher-kva.example.org',
      'a_b.example.org',
      '192.0.2.1',
      '2001:db8::1',
    ],
  ),
  port: fc.constantFrom(80, 443, 8443),
});

t.test('a suggestion allows all that was allowed, and with whole addresses nothing else', async (t) => {
  const log = fc.uniqueArray(fc.tuple(asked, fc.boolean()), {
    minLength: 1,
    maxLength: 40,
    selector: ([request]) => JSON.stringify(request),
  });
  await fc.assert(
    fc.asyncProperty(log, fc.boolean(), async (requests, fold) => {
      fc.pre(requests.some(([, isDenied]) => !isDenied));
      const lines = requests.map(([request, isDenied]) => line(request, isDenied));
      const allowed = lines.filter((text) => text.includes('completed'));
      const exact = await policyFor(lines, { prefixes: { ipv4: 32, ipv6: 128 } });
      t.match(replayed(exact, allowed), { judged: allowed.length, changed: 0, broken: 0 });
      // A name that was denied could lead to an address that is allowed.
      t.match(replayed(exact, lines), { changed: 0 });
      const wide = await policyFor(lines, { fold });
      t.match(replayed(wide, allowed), { judged: allowed.length, changed: 0 });
    }),
    { seed: 7, numRuns: 150 },
  );
});

t.test('Suggester covers the traffic that is meant, and counts the rest', async (t) => {
  const lines = [
    line(ASKED),
    line({ ...ASKED, host: 'b.example.com' }, true),
    line({ ...ASKED, host: 'c.example.com' }, false, { reports: ['strict'] }),
    line({ ...ASKED, event: 'open' } as Asked),
    line({ ...ASKED, method: 'MAKE' }),
    line({ ...ASKED, host: '127.1' }),
    'junk',
    '',
  ];
  const hostsOf = (options: Partial<SuggestOptions>) =>
    suggested(lines, options).rules.flatMap(({ hosts }) => hosts.map(({ text }) => text));
  t.same(hostsOf({}), ['a.example.com', 'c.example.com']);
  t.same(hostsOf({ traffic: 'denied' }), ['b.example.com']);
  t.same(hostsOf({ traffic: 'reported' }), ['c.example.com']);
  const at = Date.UTC(2026, 10, 23, 2, 0, 10);
  const { faults, ...result } = suggested(lines);
  t.match(result, {
    covered: { count: 2, firstMs: at, lastMs: at },
    notCovered: 0,
    unusable: 2,
    passedOver: 2,
    passedOverFor: [{ why: 'it was denied', count: 1 }, { count: 1 }],
    broken: 1,
  });
  t.equal(faults.filter((fault) => fault !== undefined).length, 1);
});

t.test('Suggester takes the namespace for who asks, and else the network', async (t) => {
  const { rules } = suggested(
    [line(ASKED), line(ASKED, false, { namespace: 'api' }), line({ ...ASKED, client_ip: '2001:db8::7' })],
    { prefixes: { ipv4: 16, ipv6: 48 } },
  );
  t.same(
    rules.map(({ sources }) => sources),
    [
      { kind: 'network', values: ['10.128.0.0/16', '2001:db8::/48'] },
      { kind: 'namespace', values: ['api'] },
    ],
  );
});

t.test('Suggester says how much found no room', async (t) => {
  const suggester = new Suggester(OPTIONS);
  for (let i = 0; i < 200_003; i += 1) suggester.take(line({ ...ASKED, host: `h${i}.example` }));
  const { covered, notCovered } = suggester.result();
  t.equal(covered.count, 200_000);
  t.equal(notCovered, 3);
});

t.test('a suggestion is good in the eyes of weir check, at a tier with peers too', async (t) => {
  const hosts = ['a.example.com', 'b.example.com', '192.0.2.1', '2001:db8::1'];
  const lines = hosts.flatMap((host) => [
    line({ ...ASKED, host }),
    line({ ...ASKED, host, method: 'GET', port: 80 }),
  ]);
  for (const fold of [false, true]) {
    const tier = await firstTier(suggestionYaml(suggested(lines, { fold })));
    t.match(tier.config.routes, [{ direct: false, resolve: 'here' }]);
    t.same(lint(tier, Date.UTC(2026, 10, 23)), []);
  }
});

t.test('a suggestion by namespace loads, and allows what was allowed', async (t) => {
  const lines = ['api', 'web'].map((namespace) => line(ASKED, false, { namespace }));
  t.match(replayed(await policyFor(lines, {}), lines), { judged: 2, changed: 0 });
});
