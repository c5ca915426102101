/**
 * What `weir explain --resolve` foretells, held to what a running proxy answers and records: one proxy, taken through many
 * random policies, routes and guards, and asked on the wire each time. Loopback only.
 */
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { stringify } from 'yaml';
import { loadConfig } from '#config/load.ts';
import { hashPassword } from '#identity/password-hash.ts';
import type { RecordEntry } from '#record/entry.ts';
import { type Explanation, explain } from '#study/explain.ts';
import { tierOf } from '#study/tier.ts';
import { freePort } from '../../scripts/lib/ports.ts';
import { RawClient } from '../fixtures/client.ts';
import { type WrittenPolicy, writtenPolicies } from '../fixtures/naive-policy.ts';
import { httpOriginWith, type Origin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy } from '../fixtures/proxy.ts';

const POLICIES = 500;
const SEED = 20_261_124;
const LISTENERS = ['main', 'side'] as const;
const PASSWORD = 's3cr3t';

/** `HH:MM` in UTC, so many hours from now: no window begins or ends while the test runs. */
function clock(hours: number): string {
  return new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
}

interface Wire {
  readonly policy: WrittenPolicy;
  readonly when: string | undefined;
  readonly guard: object;
  readonly ip: string;
  readonly listener: (typeof LISTENERS)[number];
  readonly method: string;
  readonly host: string;
  readonly isOpen: boolean;
  /** Whose credentials are sent along; not all are users. */
  readonly user: string | undefined;
}

function wires(port: number): fc.Arbitrary<Wire> {
  const policy = writtenPolicies({
    networks: ['127.0.0.1', '127.0.0.2', '127.0.0.0/30', '0.0.0.0/0'],
    clients: ['127.0.0.1', '127.0.1.0/24', '127.0.0.0/8'],
    domains: ['a.example', '.a.example', '*.a.example', 'b.example', 'example'],
    ports: [port, 1, '2-65535'],
    ends: ['2020-01-01T00:00Z', '2099-01-01T00:00Z'],
    hours: [`${clock(-3)}-${clock(3)}`, `${clock(3)}-${clock(9)}`, '00:00-24:00'],
  });
  return fc.record({
    policy,
    when: fc.constantFrom(undefined, undefined, 'w', '!w'),
    guard: fc.constantFrom(
      { allow: ['127.0.0.0/8'] },
      { allow: ['127.0.0.0/8'] },
      { allow: ['127.0.0.1'] },
      {},
    ),
    ip: fc.constantFrom('127.0.0.1', '127.0.1.7'),
    listener: fc.constantFrom(...LISTENERS),
    method: fc.constantFrom('CONNECT', 'CONNECT', 'GET', 'POST', 'TRACE'),
    host: fc.constantFrom('a.example', 'x.a.example', 'b.example', '127.0.0.1', '127.0.0.2', 'gone.example'),
    isOpen: fc.boolean(),
    user: fc.constantFrom(undefined, undefined, 'alice', 'carol', 'mallory'),
  });
}

function yamlOf({ policy, when, guard }: Wire, usersFile: string): string {
  return stringify({
    name: 't',
    listeners: LISTENERS.map((name) => ({ name, address: '127.0.0.1:0' })),
    admin: { address: '127.0.0.1:0' },
    acls: { ...policy.acls, w: { dstDomains: ['.a.example'] } },
    access: policy.access,
    auth: { usersFile },
    routes: [{ name: 'out', direct: true, ...(when === undefined ? {} : { when: [when] }) }],
    guard,
    dns: {
      hostsFile: 'none',
      servers: ['127.0.0.1:9'],
      hosts: {
        'a.example': '127.0.0.1',
        'x.a.example': '127.0.0.2',
        'b.example': ['127.0.0.2', '127.0.0.1'],
      },
    },
  });
}

const targetOf = ({ method, host, isOpen }: Wire, port: number): string => {
  const authority = `${host}:${isOpen ? port : 1}`;
  return method === 'CONNECT' ? authority : `http://${authority}/`;
};

const credentials = (user: string): string =>
  `Proxy-Authorization: Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}`;

/** First line of what the proxy answers. */
async function answerOf(proxy: TestProxy, wire: Wire, target: string): Promise<string> {
  const listener = proxy.proxy.listeners.all[LISTENERS.indexOf(wire.listener)];
  await using client = await RawClient.connect(Number(listener?.address.port), { from: wire.ip });
  const lines = [
    `${wire.method} ${target} HTTP/1.1`,
    'Host: x',
    ...(wire.method === 'POST' ? ['Content-Length: 0'] : []),
    ...(wire.user === undefined ? [] : [credentials(wire.user)]),
  ];
  client.send(`${lines.join('\r\n')}\r\n\r\n`);
  return (await client.head()).split('\r\n')[0] ?? '';
}

/** What the client may see: what is foretold, or, of what may pass, what the origin says or that there is none. */
function isForetold({ verdict, status }: Explanation, answer: string, isOpen: boolean): boolean {
  if (answer === status) return true;
  if (verdict !== 'allow') return false;
  return isOpen
    ? status === undefined && answer === 'HTTP/1.1 204 No Content'
    : /^HTTP\/1\.1 502 Target refused/.test(answer);
}

/** Whether rule and reason are those of the record. Where no address was found, no rule was recorded, though all may lead to one. */
function isRecordedSo({ verdict, hops }: Explanation, record: RecordEntry | undefined): boolean {
  const [hop] = hops;
  if (hop?.error?.reason === 'dns_error') return record?.reason === 'dns_error';
  return (
    record?.rule === hop?.trace.rule?.name && (verdict === 'allow' || record?.reason === hop?.error?.reason)
  );
}

/** The same address and port on both addresses that names lead to. */
async function origins(): Promise<Origin & { readonly second: Origin }> {
  const serve = () => http.createServer((_, response) => void response.writeHead(204).end());
  const first = await httpOriginWith(serve(), { port: await freePort() });
  const second = await httpOriginWith(serve(), { host: '127.0.0.2', port: first.port });
  return Object.assign(first, { second });
}

t.test(`explain foretells what a proxy answers, by ${POLICIES} policies`, async (t) => {
  const hash = await hashPassword(PASSWORD, { logCost: 10, blockSize: 8, parallel: 1 });
  const directory = t.testdir({ users: `alice:${hash}\ncarol:${hash}\n` });
  const [file, users] = [join(directory, 't.yaml'), join(directory, 'users')];
  await using origin = await origins();
  await using _second = origin.second;
  const rows = fc.sample(wires(origin.port), { numRuns: POLICIES, seed: SEED });
  await using proxy = await startProxy(yamlOf(rows[0] as Wire, users));
  const wrong: unknown[] = [];
  const seen = new Set<string>();
  for (const [index, wire] of rows.entries()) {
    await writeFile(file, yamlOf(wire, users));
    const config = await loadConfig(file);
    const { ip, listener, method, user } = wire;
    const target = targetOf(wire, origin.port);
    const tier = await tierOf(file, config);
    const explanation = await explain({
      first: tier,
      question: { ip, listener, method, target, user },
      names: 'resolved',
    });
    await proxy.proxy.adopt(config);
    const answer = await answerOf(proxy, wire, target);
    const record = (await proxy.ended(index + 1))[index];
    const [hop] = explanation.hops;
    const isSame = isRecordedSo(explanation, record);
    if (!isSame || !isForetold(explanation, answer, wire.isOpen))
      wrong.push({ wire, explanation: explanation.status, answer, record });
    seen.add(hop?.error?.reason ?? explanation.verdict);
  }
  t.same(wrong, []);
  for (const kind of [
    'allow',
    'rule_denied',
    'no_rule_matched',
    'credentials_wanted',
    'no_route',
    'address_prohibited',
    'dns_error',
  ])
    t.ok(seen.has(kind), kind);
});
