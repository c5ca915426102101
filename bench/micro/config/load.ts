/**
 * `node bench/micro/config/load.ts [--json] [--once]`: from the file of a configuration with 10,000 networks, and 100,000 domains in a
 * list of their own, to a policy that decides. First proves that it decides by them.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decide } from '#acl/decide.ts';
import { compilePolicy, type Policy } from '#acl/policy.ts';
import { loadConfig } from '#config/load.ts';
import { domainPatterns, randomNetworks } from '../lists.ts';
import { measureSlow } from '../measure.ts';
import { subjectsFor } from '../subjects.ts';

const DOMAINS = 100_000;
const NETWORKS = 10_000;
/** Subjects that are asked about, to prove that the lists are there. */
const PROVEN = 1000;

const networks = randomNetworks(NETWORKS);
const patterns = domainPatterns(DOMAINS);
const folder = mkdtempSync(join(tmpdir(), 'weir-load-'));
const file = join(folder, 'weir.yaml');

const YAML = `
name: bench
listeners: [{ name: main, address: 127.0.0.1:3128 }]
acls:
  tls_ports: { ports: [443] }
  clients:
    src:
${networks.map(({ text }) => `      - ${text}`).join('\n')}
  listed: { dstDomains: { file: domains.txt } }
access:
  - { name: listed, allow: [clients, tls_ports, listed] }
routes: [{ name: internet, direct: true }]
`;

async function load(): Promise<Policy> {
  const { policy, hash } = await loadConfig(file);
  return compilePolicy(policy, hash);
}

try {
  writeFileSync(join(folder, 'domains.txt'), patterns.map(({ text }) => `${text}\n`).join(''));
  writeFileSync(file, YAML);
  const policy = await load();
  const own = compilePolicy(
    {
      acls: { clients: { src: networks }, listed: { dstDomains: patterns } },
      access: [{ name: 'listed', allow: ['clients', 'listed'] }],
    },
    '',
  );
  const subjectAt = subjectsFor(DOMAINS, networks);
  const verdicts = new Set<string>();
  for (let index = 0; index < PROVEN; index += 1) {
    const subject = subjectAt(index);
    const { verdict } = decide(policy, subject);
    verdicts.add(verdict);
    assert.equal(verdict, decide(own, subject).verdict);
  }
  assert.deepEqual([...verdicts].sort(), ['allow', 'deny']);
  await measureSlow(
    `loading ${DOMAINS} domains and ${NETWORKS} networks`,
    [
      {
        name: 'loadConfig() and compilePolicy()',
        async work(calls) {
          for (let call = 0; call < calls; call += 1) await load();
        },
      },
    ],
    1,
  );
} finally {
  rmSync(folder, { recursive: true });
}
