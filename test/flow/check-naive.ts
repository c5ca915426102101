/**
 * What `weir check` says of policies, held to a second, naive judge: a rule that never decides does not, an entry that changes
 * nothing can go, what is proven of two tiers holds, and every request shown is what it is said to be.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { Config } from '#config/config.ts';
import { parseNetwork } from '#net/ip.ts';
import type { Finding } from '#study/lint/finding.ts';
import { lint, type Studied } from '#study/lint/lint.ts';
import { lintTiers } from '#study/lint/tiers.ts';
import type { Witness } from '#study/lint/witness.ts';
import {
  isAddress,
  naiveLiteral,
  naiveMatch,
  naiveRule,
  type Request,
  type WrittenAcl,
  type WrittenPolicy,
  writtenPolicies,
} from '../fixtures/naive-policy.ts';
import { parsedPolicy } from '../fixtures/written-policy.ts';

const NOW = Date.parse('2026-11-22T00:00Z');
const SEED = 20_261_128;
const REQUESTS = 1000;

const policies = writtenPolicies({
  networks: ['10.0.0.0/8', '198.51.100.0/24', '0.0.0.0/0', '2001:db8::/32', '::/0', '203.0.113.0/24'],
  clients: ['10.0.0.0/8', '10.1.0.0/16', '192.0.2.0/24', '::/0', '0.0.0.0/0'],
  domains: ['.a.test', 'a.test', '*.a.test', 'x.a.test', '.b.test', '.test'],
  ports: [443, 80, '1-1024', '1025-65535'],
  hours: ['09:00-18:00', '22:00-06:00', '00:00-12:00'],
  ends: ['2026-01-01T00:00Z', '2026-11-23T12:00Z', '2026-12-25T00:00Z', '2028-01-01T00:00Z'],
});

const NAMES = ['a.test', 'x.a.test', 'y.a.test', 'b.test', 'y.b.test', 'c.test', 'test', 'c.example'];
const ADDRESSES = ['10.0.0.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '2001:4860::1', '192.0.2.1'];
const DAYS = ['2026-11-22', '2026-11-23', '2026-11-25', '2026-12-26', '2028-01-01', '2028-01-03'];
const HOURS = ['00:00', '05:30', '08:00', '11:30', '15:00', '20:00', '23:30'];

const client = fc.record({
  ip: fc.constantFrom('10.0.0.7', '10.1.0.7', '192.0.2.7', '203.0.113.7', '2001:db8::7'),
  listener: fc.constantFrom('main', 'side'),
  user: fc.constantFrom('alice', 'carol', undefined),
  namespace: fc.constantFrom('api', 'db', undefined),
});

const target = fc
  .record({
    method: fc.constantFrom('CONNECT', 'GET', 'POST', 'TRACE'),
    host: fc.oneof(fc.constantFrom(...NAMES), fc.constantFrom(...ADDRESSES)),
    port: fc.constantFrom(443, 80, 22, 8080),
    at: fc
      .tuple(fc.constantFrom(...DAYS), fc.constantFrom(...HOURS))
      .map((parts) => Date.parse(`${parts.join('T')}Z`)),
    address: fc.constantFrom(...ADDRESSES),
  })
  .map((parts) => (isAddress(parts.host) ? { ...parts, address: undefined } : parts));

/** One target, and whom tier 1 and tier 2 see ask for it. */
const asked: readonly (readonly [Request, Request])[] = fc.sample(
  fc.tuple(target, client, client).map(([to, one, two]) => [
    { ...to, ...one },
    { ...to, ...two },
  ]),
  { seed: SEED, numRuns: REQUESTS },
);

/** What is round the policies: where tier 1 sends what, and whom tier 2 takes for tier 1. */
interface Around {
  readonly routes: readonly { readonly when: readonly string[]; readonly direct: boolean }[];
  readonly trust: readonly string[];
  readonly via: string | undefined;
}

const literals = fc.array(fc.constantFrom('all', ...['a', 'b', 'c'].flatMap((acl) => [acl, `!${acl}`])), {
  minLength: 1,
  maxLength: 2,
});

const around: fc.Arbitrary<Around> = fc.record({
  routes: fc.array(fc.record({ when: literals, direct: fc.boolean() }), { minLength: 1, maxLength: 3 }),
  trust: literals,
  via: fc.constantFrom(undefined, '10.0.0.0/8', '10.1.0.0/16', '0.0.0.0/0'),
});

/** A route and trust are settled before names are resolved, so that they ask for no address. */
function settled(first: WrittenPolicy, second: WrittenPolicy, { routes, trust, via }: Around): Around {
  const early = ({ acls }: WrittenPolicy, texts: readonly string[]): string[] =>
    texts.filter((text) => acls[text.replace('!', '')]?.dst === undefined);
  return {
    routes: routes.map(({ when, direct }) => ({ when: early(first, when), direct })),
    trust: ['all', ...early(second, trust)],
    via,
  };
}

function studied(policy: WrittenPolicy, parts: Partial<Config> = {}): Studied {
  const listeners = ['main', 'side'].map((name) => ({ name, host: '127.0.0.1', port: 3128 }));
  const rest = {
    routes: [],
    peers: {},
    cache: {},
    clients: [],
    certificates: [],
    limits: {},
    hop: { trustFrom: undefined },
    timeouts: { establish: 8_000 },
    hash: 'test',
  };
  const config = { ...rest, policy: parsedPolicy(policy), listeners, ...parts } as unknown as Config;
  return { config, placeOf: () => ({ file: 't.yaml', line: 1, column: 1 }) };
}

/** What the request of a witness is to the naive judge. */
function shown({ client: ip, listener, method, target: text, at, address }: Witness): Request {
  const { hostname, port } = new URL(method === 'CONNECT' ? `http://${text}` : text);
  const host = hostname.replaceAll(/^\[|\]$/g, '');
  const known = isAddress(host) ? undefined : (address ?? ADDRESSES[0]);
  return { ip, listener, method, host, port: Number(port || 80), at: Date.parse(at), address: known };
}

/** The policy without one entry. */
function without(policy: WrittenPolicy, [, acl = '', key = '', index]: readonly string[]): WrittenPolicy {
  const changed = policy.acls[acl] as Record<string, readonly unknown[]>;
  const rest = (changed[key] ?? []).toSpliced(Number(index), 1);
  return { ...policy, acls: { ...policy.acls, [acl]: { ...changed, [key]: rest } as WrittenAcl } };
}

const NEVER = ['unreachable-rule', 'contradictory-rule', 'expired-rule'];

function assertFinding(policy: WrittenPolicy, { code, rule, path, witness }: Finding): void {
  const decides = (request: Request): string | undefined => naiveRule(policy, request)?.name;
  if (NEVER.includes(code)) assert(!asked.some(([request]) => decides(request) === rule), `${code} ${rule}`);
  if (witness !== undefined) {
    const request = shown(witness);
    const holding = policy.access.filter((each) => naiveMatch(policy, each, request)).map(({ name }) => name);
    assert(holding.includes(String(rule)), `${rule} holds for ${witness.text}`);
    assert.notEqual(decides(request), rule);
  }
  if (code === 'redundant-entry') {
    const shorter = without(policy, path.split(/[.[\]]/));
    for (const [request] of asked) assert.equal(naiveRule(shorter, request)?.name, decides(request), path);
  }
}

t.test('weir check says of rules and entries what asking bears out', async (t) => {
  const codes = new Set<string>();
  fc.assert(
    // Small ones first would have no rule behind another.
    fc.property(fc.noBias(policies), (policy) => {
      for (const finding of lint(studied(policy), NOW)) {
        codes.add(finding.code);
        assertFinding(policy, finding);
      }
    }),
    { seed: SEED, numRuns: 40 },
  );
  for (const code of [...NEVER, 'redundant-entry', 'shadowed-rule']) t.ok(codes.has(code), code);
});

/** Name of the rule of tier 1 and of the one of tier 2 that conflict over a request; undefined where none do. */
function conflictOver(
  [first, second]: readonly [WrittenPolicy, WrittenPolicy],
  { routes, trust, via }: Around,
  [here, there]: readonly [Request, Request],
): string | undefined {
  const holds = (policy: WrittenPolicy, texts: readonly string[], request: Request): boolean =>
    texts.every((text) => naiveLiteral(policy, text, request) === 'true');
  const allowing = naiveRule(first, here);
  const leadsOn = routes.find(({ when }) => holds(first, when, here))?.direct === false;
  const arrives =
    via === undefined
      ? holds(second, trust, there)
      : holds({ acls: { via: { src: [via] } }, access: [] }, ['via'], there);
  const deciding = naiveRule(second, there);
  if (!(allowing?.allow && leadsOn && arrives) || deciding?.allow) return undefined;
  return `${allowing.name} ${deciding?.name ?? 'none'}`;
}

/** The pair that a finding is about, as {@link conflictOver} has it. */
function pairOf({ message }: Finding): string {
  const [, allowing] = /rule "(\w+)" of tier 1/.exec(message) ?? [];
  const [, refusing = 'none'] = /rule "(\w+)" of tier 2/i.exec(message) ?? [];
  return `${allowing} ${refusing}`;
}

/** Two policies, and what is round them. */
interface Tiers {
  readonly policies: readonly [WrittenPolicy, WrittenPolicy];
  readonly around: Around;
}

function assertConflict({ policies: both, around: parts }: Tiers, finding: Finding): void {
  const { code, message, witness } = finding;
  if (code === 'not-compared') {
    assert(
      parts.routes.every(({ direct }) => direct),
      message,
    );
    return;
  }
  if (witness === undefined) {
    assert.match(message, /depends on \w/);
    return;
  }
  const here = shown(witness);
  const there = ['main', 'side'].map((listener) => ({ ...here, ip: String(witness.via), listener }));
  const pairs = there.map((each) => conflictOver(both, parts, [here, each]));
  assert(pairs.includes(pairOf(finding)), `${message}: ${witness.text}`);
}

function findingsBetween({ policies: [first, second], around: { routes, trust, via } }: Tiers): Finding[] {
  const leading = routes.map((route) => ({ ...route, peers: [] })) as unknown as Config['routes'];
  const tier1 = studied(first, { routes: leading, timeouts: { establish: 10_000 } as Config['timeouts'] });
  const tier2 = studied(second, { hop: { trustFrom: trust, verify: undefined, assert: undefined } });
  return lintTiers(tier1, tier2, { nowMs: NOW, via: via === undefined ? undefined : [parseNetwork(via)] });
}

t.test('weir check proves of two tiers what holds, and else shows or names what may not', async (t) => {
  const seen = new Map<string, number>();
  const note = (what: string): unknown => seen.set(what, (seen.get(what) ?? 0) + 1);
  fc.assert(
    fc.property(policies, policies, around, (first, second, drawn) => {
      const tiers: Tiers = { policies: [first, second], around: settled(first, second, drawn) };
      const found = findingsBetween(tiers);
      note(found.length === 0 ? 'proven' : 'not proven');
      for (const finding of found) {
        note(finding.code);
        assertConflict(tiers, finding);
      }
      const told = new Set(found.map(pairOf));
      for (const request of asked) {
        const pair = conflictOver(tiers.policies, tiers.around, request);
        assert(pair === undefined || told.has(pair), `${pair}: ${JSON.stringify(request)}`);
      }
    }),
    { seed: SEED, numRuns: 20 },
  );
  for (const what of ['proven', 'not proven', 'refused-by-tier-2', 'cannot-prove'])
    t.ok(seen.has(what), what);
});
