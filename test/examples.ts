/**
 * The examples, judged: each refusal of the security chart (background, chart 4.2) is a rule with a name of its own, and what
 * the chart lets pass passes at both tiers.
 */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseDocument } from 'yaml';
import { decide } from '#acl/decide.ts';
import { compilePolicy, type Policy } from '#acl/policy.ts';
import type { Config } from '#config/config.ts';
import { loadConfig } from '#config/load.ts';
import { compileCondition, evaluateForAllow } from '#match/condition.ts';
import { Tri } from '#match/tri.ts';
import { runPolicyTests } from '#study/policy-tests.ts';
import { type SubjectParts, subject } from './fixtures/subject.ts';
import { Issuer } from './fixtures/tls.ts';
import { weir } from './fixtures/weir.ts';

const DIRECTORY = join(import.meta.dirname, '../examples');

function verdict(policy: Policy, parts: SubjectParts): string {
  const decision = decide(policy, subject(parts));
  return `${decision.verdict} ${'rule' in decision ? (decision.rule?.name ?? 'no rule') : ''}`;
}

async function load(tier: string): Promise<{ config: Config; policy: Policy }> {
  const config = await loadConfig(join(DIRECTORY, `${tier}.yaml`));
  return { config, policy: compilePolicy(config.policy, config.hash) };
}

const t1 = await load('t1');
const t2 = await load('t2');

const TIER_1: Readonly<Record<string, readonly [parts: SubjectParts, verdict: string]>> = {
  'lets a pod log in': [{}, 'allow microsoft-login'],
  'lets a pod reach the other name, in plain HTTP too': [
    { host: 'login.microsoftonline.com', port: 80, method: 'GET' },
    'allow microsoft-login',
  ],
  'refuses a source outside the cluster': [{ client: '192.0.2.1' }, 'deny not-localnet'],
  'refuses an unsafe port': [{ port: 25 }, 'deny unsafe-port'],
  'refuses a tunnel to what is not TLS': [{ port: 8080 }, 'deny connect-not-tls'],
  'refuses another domain': [{ host: 'example.com' }, 'deny not-microsoft'],
  'refuses a name that only ends alike': [{ host: 'notmicrosoft.com' }, 'deny not-microsoft'],
  'refuses a bare address': [{ host: '20.190.159.2' }, 'deny not-microsoft'],
};

for (const [what, [parts, expected]] of Object.entries(TIER_1)) {
  t.test(`examples/t1.yaml ${what}`, async (t) => {
    t.equal(verdict(t1.policy, parts), expected);
  });
}

const TIER_2: Readonly<Record<string, readonly [parts: SubjectParts, verdict: string]>> = {
  'lets tier 1 log in on a working day': [{}, 'allow microsoft-login'],
  'refuses a source outside the cluster': [{ client: '192.0.2.1' }, 'deny not-the-cluster'],
  'refuses another domain': [{ host: 'example.com' }, 'deny not-microsoft'],
  'refuses a name that only ends alike': [{ host: 'notmicrosoft.com' }, 'deny not-microsoft'],
  'refuses a bare address': [{ host: '20.190.159.2' }, 'deny not-microsoft'],
  'refuses the evening': [{ at: '2026-11-23T18:30:00+08:00' }, 'deny after-hours'],
  'refuses the week-end': [{ at: '2026-11-22T10:00:00+08:00' }, 'deny after-hours'],
  'refuses a holiday': [{ at: '2026-10-01T10:00:00+08:00' }, 'deny after-hours'],
  'lets the first moment of the hours pass': [{ at: '2026-11-23T09:00:00+08:00' }, 'allow microsoft-login'],
  'lets the last millisecond of them pass': [
    { at: '2026-11-23T17:59:59.999+08:00' },
    'allow microsoft-login',
  ],
  'refuses the moment at which they end': [{ at: '2026-11-23T18:00:00+08:00' }, 'deny after-hours'],
};

for (const [what, [parts, expected]] of Object.entries(TIER_2)) {
  t.test(`examples/t2.yaml ${what}`, async (t) => {
    t.equal(verdict(t2.policy, parts), expected);
  });
}

t.test('examples/t1.yaml leads to tier 2 and nowhere else', async (t) => {
  t.match(t1.config.routes, [{ direct: false, peers: ['vm-a', 'vm-b'] }]);
  t.ok(Object.values(t1.config.peers).every(({ hop }) => hop));
});

t.test('examples/t2.yaml goes out itself, and believes the cluster alone', async (t) => {
  t.match(t2.config.routes, [{ direct: true }]);
  const trust = compileCondition(t2.config.hop.trustFrom ?? [], t2.policy.acls);
  t.equal(evaluateForAllow(trust, subject()), Tri.True);
  t.equal(evaluateForAllow(trust, subject({ client: '192.0.2.1' })), Tri.False);
});

t.test('examples/t2.yaml keeps what the charts ask of tier 2 beside its rules', async (t) => {
  const { log, limits, policy } = t2.config;
  t.match(log, { accessFormat: 'ecs', audit: { strict: true } }, 'no audit, no traffic');
  const login = policy.access.find(({ allow }) => allow !== undefined);
  t.match(login, { limit: 'per_tier_1_pod', onRevoke: { act: 'drain', ms: 300_000 } });
  t.match(limits.per_tier_1_pod, { per: 'source' });
});

for (const tier of ['t1', 't2']) {
  t.test(`examples/${tier}.test.yaml passes, and has a test of each rule`, async (t) => {
    const { config } = await load(tier);
    const report = await runPolicyTests(join(DIRECTORY, `${tier}.yaml`), config);
    const failed = report?.results.filter(({ passed }) => !passed).map(({ test }) => test.name);
    t.same(failed, []);
    const decided = new Set(report?.results.map(({ answer }) => answer.trace.rule?.name));
    t.same(
      config.policy.access.map(({ name }) => name).filter((name) => !decided.has(name)),
      [],
    );
  });
}

/** What a file has beside, or in place of, what that without keys has. */
function without(text: string, ...keys: readonly (readonly string[])[]): unknown {
  const document = parseDocument(text);
  for (const key of keys) document.deleteIn(key);
  return document.toJS();
}

const KEYS = {
  t1: [['hop'], ['peers', 'vm-a', 'tls'], ['peers', 'vm-b', 'tls']],
  t2: [['hop'], ['listeners', 0, 'tls'], ['log', 'audit', 'keyFile']],
} as const;

for (const [tier, keys] of Object.entries(KEYS)) {
  t.test(`examples/${tier}-mtls.yaml adds keys and nothing else`, async (t) => {
    const [plain, secured] = [tier, `${tier}-mtls`].map((name) =>
      readFileSync(join(DIRECTORY, `${name}.yaml`), 'utf8'),
    );
    const paths = keys as unknown as readonly (readonly string[])[];
    t.same(without(secured ?? '', ...paths), without(plain ?? '', ['hop']));
    t.notSame(without(secured ?? ''), without(plain ?? ''));
  });
}

t.test('examples with keys are a chain, with the files of docs/chain.md and without any', async (t) => {
  const names = ['t1-mtls.yaml', 't2-mtls.yaml'];
  const files = names.map((name) => join(DIRECTORY, name));
  const blind = await weir('check', '--without-secrets', ...files);
  t.equal(blind.status, 0, blind.stdout + blind.stderr);
  await using issuer = await Issuer.open();
  const vms = ['int-proxy-a', 'int-proxy-b'].map((host) => `DNS:${host}.aibang.com`).join(',');
  await issuer.issue('t1', { names: 'DNS:t1.intra-proxy' });
  await issuer.issue('t2', { names: vms });
  const { privateKey } = generateKeyPairSync('ed25519');
  const made = {
    'audit.key': privateKey.export({ type: 'pkcs8', format: 'pem' }),
    'hop.key': `${randomBytes(32).toString('base64')}\n`,
  };
  for (const [name, text] of Object.entries(made))
    writeFileSync(join(issuer.folder, name), text, { mode: 0o600 });
  for (const name of names) copyFileSync(join(DIRECTORY, name), join(issuer.folder, name));
  const seeing = await weir('check', ...names.map((name) => join(issuer.folder, name)));
  t.equal(seeing.status, 0, seeing.stdout + seeing.stderr);
  t.equal(seeing.stderr, '', 'nothing is open to everybody');
  for (const { stdout } of [blind, seeing]) {
    t.match(
      stdout,
      't1 to t2: all that the first sends is allowed by the second, but for what rules with narrows',
    );
    t.match(stdout, /Rule "after-hours" of tier 2 refuses .* \(narrowed-by-tier-2\)/);
    t.notMatch(stdout, /: (?:error|warning): /);
  }
});
