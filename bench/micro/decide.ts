/**
 * `node bench/micro/decide.ts`: nanoseconds per decision over 100,000 domains and 10,000 networks, with its parts.
 * First proves that the answers are right. Subjects differ from call to call, so that caches and branch predictors get no help.
 */
import assert from 'node:assert/strict';
import { decide } from '#acl/decide.ts';
import { compilePolicy } from '#acl/policy.ts';
import { compileDomains, parseDomainPattern } from '#match/domains.ts';
import { parsePortRange } from '#match/ports.ts';
import type { Subject } from '#match/subject.ts';
import { compileTime, parseDays, parseHours } from '#match/time.ts';
import { Tri } from '#match/tri.ts';
import { parseHost } from '#net/host.ts';
import { type IpAddress, maskOf, type Network, parseIp, parseNetwork } from '#net/ip.ts';
import { PrefixSet } from '#net/prefix-set.ts';

const DOMAINS = 100_000;
const NETWORKS = 10_000;
const SUBJECTS = 4096;
const ROUNDS = 7;
const CALLS = 1_000_000;
const PREFIX_LENGTHS = [12, 16, 18, 20, 22, 23, 24, 26, 28, 32];

let seed = 1;
/** Numbers that look random and are the same in every run. */
function random(below: number): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
}

function randomIp(): IpAddress {
  const address = parseIp(`${random(224)}.${random(256)}.${random(256)}.${random(256)}`);
  assert(address !== undefined);
  return address;
}

function randomNetwork(): Network {
  const length = PREFIX_LENGTHS[random(PREFIX_LENGTHS.length)] ?? 32;
  const word = randomIp().w0 & maskOf(length);
  return parseNetwork(`${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}/${length}`);
}

/** Every second one is on the list, or below a name that is. */
function hostAt(index: number): string {
  if (index % 2 === 1) return `www.${index}.example.org`;
  const entry = random(DOMAINS);
  return entry % 2 === 1
    ? `host${entry}.example${entry % 977}.com`
    : `login.eu.host${entry}.example${entry % 977}.com`;
}

const networks = Array.from({ length: NETWORKS }, randomNetwork);
const patterns = Array.from({ length: DOMAINS }, (_, entry) =>
  parseDomainPattern(`${entry % 2 === 1 ? '' : '.'}host${entry}.example${entry % 977}.com`),
);
const policy = compilePolicy(
  {
    acls: {
      safe_ports: { ports: [80, 443, '1025-65535'].map(parsePortRange) },
      tls_ports: { ports: [parsePortRange(443)] },
      connect: { methods: ['CONNECT'] },
      clients: { src: networks },
      listed: { dstDomains: patterns },
    },
    access: [
      { name: 'unsafe-port', deny: ['!safe_ports'] },
      { name: 'connect-not-tls', deny: ['connect', '!tls_ports'] },
      { name: 'listed', allow: ['clients', 'listed'] },
    ],
  },
  '',
);
// Text of its own, as a request has it: not a slice, and never hashed.
const texts = Array.from({ length: SUBJECTS }, (_, index) => Buffer.from(hostAt(index)).toString('latin1'));
const subjects = texts.map((text, index): Subject => {
  const client = index % 4 < 2 ? networks[random(NETWORKS)]?.address : undefined;
  return {
    clientAddress: client ?? randomIp(),
    listener: 'main',
    method: 'CONNECT',
    host: parseHost(text),
    port: 443,
    timeMs: 1_790_000_000_000 + index * 60_000,
    destination: undefined,
  };
});
const addressTexts = subjects.map(({ clientAddress }) => Buffer.from(clientAddress.text).toString('latin1'));

const set = new PrefixSet(networks);
const listed = compileDomains(patterns);
const hours = compileTime({
  days: parseDays('mon-fri'),
  hours: parseHours('09:00-18:00'),
  timeZone: 'Asia/Shanghai',
});

for (const [index, subject] of subjects.slice(0, 64).entries()) {
  const isListed = patterns.some(
    ({ name, reach }) =>
      subject.host.text === name || (reach !== 'itself' && subject.host.text.endsWith(`.${name}`)),
  );
  const isClient = networks.some(
    ({ address, prefixLength }) => ((address.w0 ^ subject.clientAddress.w0) & maskOf(prefixLength)) === 0,
  );
  assert.equal(isListed, index % 2 === 0);
  assert.equal(decide(policy, subject).verdict, isListed && isClient ? 'allow' : 'deny');
}

/** Calls with one subject after another, and prints nanoseconds of CPU per call: least, median, most of the rounds. */
function measure(title: string, call: (index: number) => unknown): void {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    let sink = 0;
    const before = process.threadCpuUsage();
    for (let i = 0; i < CALLS; i += 1) if (call(i & (SUBJECTS - 1))) sink += 1;
    const { user, system } = process.threadCpuUsage(before);
    assert(sink >= 0);
    return ((user + system) * 1000) / CALLS;
  });
  const sorted = rounds.slice(1).sort((a, b) => a - b);
  const [least, median, most] = [sorted[0], sorted[ROUNDS >> 1], sorted[ROUNDS - 1]].map((ns) =>
    ns?.toFixed(0),
  );
  console.log(`${title.padEnd(48)} ${least} / ${median} / ${most} ns`);
}

const at = (index: number): Subject => subjects[index] as Subject;
measure('decide(), 3 rules over the lists', (index) => decide(policy, at(index)).verdict === 'allow');
measure(`dstDomains of ${DOMAINS}`, (index) => listed.test(at(index)) === Tri.True);
measure(`PrefixSet.has() of ${NETWORKS}`, (index) => set.has(at(index).clientAddress));
measure('time, in Shanghai', (index) => hours.test(at(index)) === Tri.True);
measure('parseHost(), plain name', (index) => parseHost(texts[index] as string).kind === 'name');
measure('parseIp(), IPv4', (index) => parseIp(addressTexts[index] as string)?.family === 4);
