import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { rulesHashOf } from '#config/rules-hash.ts';
import { configText } from '../../fixtures/config.ts';

const KUBERNETES = 'kubernetes: { identity: true, apiServer: "https://a:1", tokenFile: t }';
const rulesOf = async (...lines: readonly string[]): Promise<string> =>
  rulesHashOf(await parseConfig(configText(...lines)));

t.test('rulesHashOf() does not see what each host may have of its own', async (t) => {
  const rules = await rulesOf();
  t.match(rules, /^[0-9a-f]{64}$/);
  for (const line of [
    'admin: { address: 10.0.0.7:9128 }',
    'dns: { servers: [10.0.0.10] }',
    'log: { level: debug }',
    'workers: 4',
    'timeouts: { drain: 1m }',
  ])
    t.equal(await rulesOf(line), rules, line);
  const replace = (from: string, to: string): Promise<string> =>
    parseConfig(configText().replace(from, to)).then(rulesHashOf);
  t.equal(await replace('127.0.0.1:0', '10.0.0.7:3128'), rules, 'where it listens');
  t.equal(
    await replace('direct: true', 'direct: true, sourceAddress: 10.0.0.7'),
    rules,
    'from where it dials',
  );
});

t.test('rulesHashOf() sees what decides', async (t) => {
  const rules = await rulesOf();
  const replace = (from: string, to: string): Promise<string> =>
    parseConfig(configText().replace(from, to)).then(rulesHashOf);
  t.not(await replace('ports: [443]', 'ports: [443, 8443]'), rules, 'an ACL');
  t.not(await replace('name: tls', 'name: other'), rules, 'a rule');
  t.not(await replace('name: internet', 'name: out'), rules, 'a route');
  for (const line of [
    'guard: { allow: [10.0.0.0/8] }',
    'limits: { few: { per: source, requests: 1/s } }',
    'identity: { static: { 10.1.0.0/16: { namespace: api } } }',
    'hop: { trust: { from: [tls_ports] } }',
    KUBERNETES,
  ])
    t.not(await rulesOf(line), rules, line);
});

t.test('rulesHashOf() is that of the configuration', async (t) => {
  const config = await parseConfig(configText());
  t.equal(config.rulesHash, rulesHashOf(config));
});
