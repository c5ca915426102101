/**
 * The one schema of the configuration file. Strict: a key that is not here is a mistake. Values leave it typed; what
 * takes more than one key to judge is for the cross-checks.
 */
import { z } from 'zod';
import { access } from './schema-access.ts';
import { acls } from './schema-acl.ts';
import { cache } from './schema-cache.ts';
import { dns } from './schema-dns.ts';
import { forward, hop } from './schema-hop.ts';
import { identity, kubernetes } from './schema-identity.ts';
import { limits } from './schema-limits.ts';
import { listener } from './schema-listener.ts';
import { admin, log } from './schema-operation.ts';
import { peer } from './schema-peers.ts';
import {
  aclReference,
  duration,
  durationOrZero,
  key,
  list,
  name,
  networks,
  reference,
  sourceAddress,
  workers,
} from './schema-values.ts';

const route = z.strictObject({
  name: key(name, 'Name of the route in logs', 'out'),
  when: key(list(aclReference).optional(), 'ACLs that must all match; always if absent', '[microsoft]'),
  peers: key(list(reference).optional(), 'Peers to go through', '[vm-a, vm-b]'),
  balance: key(
    z.enum(['failover', 'roundRobin', 'leastTunnels', 'sourceHash', 'domainHash']).default('failover'),
    'Which peer is tried first: the first that works, each in turn, the one with fewer open tunnels of two that are drawn, or always the same for a client address or for a host',
    'leastTunnels',
  ),
  direct: key(z.literal(true).optional(), 'Connect to the origin itself', 'true'),
  sourceAddress: key(
    sourceAddress.optional(),
    'Address of this host that direct connections begin at; the system chooses if absent',
    '10.0.0.5',
  ),
  resolve: key(
    z.enum(['here', 'peer']).optional(),
    'Who resolves names: `peer` if absent, where the route has peers; a direct route always resolves here',
    'here',
  ),
});

const timeouts = z.strictObject({
  head: key(duration.prefault('10s'), 'A request head, from its first byte', '5s'),
  establish: key(
    duration.optional(),
    'All that comes before the reply: resolving, connecting, the answer of the peer. `8s` if absent where every route is direct, else `10s`',
    '10s',
  ),
  connect: key(duration.prefault('4s'), 'Connecting to one address', '2s'),
  hello: key(
    duration.prefault('5s'),
    'The ClientHello of a tunnel whose rules judge it, from the 200 on',
    '10s',
  ),
  idle: key(duration.prefault('15m'), 'A tunnel or a response on which nothing moves', '5m'),
  lifetime: key(duration.prefault('24h'), 'A tunnel altogether', '8h'),
  linger: key(durationOrZero.prefault('60s'), 'A tunnel of which one side has ended', '10s'),
  keepAlive: key(
    duration.prefault('75s'),
    'A client connection between requests, and before the first',
    '30s',
  ),
  drainDelay: key(durationOrZero.prefault('0s'), 'Accepting on after TERM, until routing has noticed', '5s'),
  drain: key(durationOrZero.prefault('15m'), 'Open tunnels after TERM', '9m'),
});

/** The file as a whole. */
export const configSchema = z
  .strictObject({
    name: key(name, 'Name of this hop in Proxy-Status, Via, logs and metrics', 't1'),
    workers: key(
      workers.prefault(1),
      'Processes that share the listeners; `auto`: one for each core',
      'auto',
    ),
    listeners: key(list(listener), 'Where clients connect', '[{ name: main, address: 0.0.0.0:3128 }]'),
    openProxy: key(
      z.boolean().default(false),
      'Anybody may reach anything: without it a policy that lets them does not start on listeners of other than loopback addresses',
      'true',
    ),
    admin: key(admin.prefault({}), 'The admin server', '{ address: 0.0.0.0:9128 }'),
    acls: key(acls.default({}), 'Named conditions for rules and routes', '{ tls_ports: { ports: [443] } }'),
    access: key(
      access,
      'Rules in order: the first whose ACLs all match decides, and where none does the request is denied',
      '[{ name: everything, allow: [all] }]',
    ),
    auth: key(
      z
        .strictObject({
          usersFile: key(
            z.string().min(1),
            'File with one user on each line, as `weir passwd` prints it; `#` begins a comment, empty lines are skipped',
            'users.txt',
          ),
        })
        .optional(),
      'Who may authenticate to the proxy, by name and password (Basic)',
      '{ usersFile: users.txt }',
    ),
    limits: key(
      limits.default({}),
      'Limits that rules count under, by name',
      '{ per_client: { per: source, requests: 50/s } }',
    ),
    peers: key(
      z.record(name, peer).default({}),
      'Proxies that routes lead through',
      '{ vm-a: { address: int-proxy-a.aibang.com:3128 } }',
    ),
    routes: key(
      list(route.meta({ oneOf: [{ required: ['peers'] }, { required: ['direct'] }] })),
      'Ways out in order: the first that matches is taken, and where none does the answer is 500',
      '[{ name: internet, direct: true }]',
    ),
    forward: key(
      forward.prefault({}),
      'What plain HTTP says of the inside of the network to next hops that are none of ours',
      '{ strip: [X-Internal-Id] }',
    ),
    cache: key(
      cache.prefault({}),
      'What is kept of answers to plain HTTP, for rules with `cache: true`',
      '{ memory: 256MiB }',
    ),
    dns: key(dns.prefault({}), 'How names are resolved', '{ servers: [10.0.0.10] }'),
    guard: key(
      z
        .strictObject({
          allow: key(
            networks.default([]),
            'Special-purpose and own addresses that may be dialled all the same',
            '[10.20.0.0/16]',
          ),
          deny: key(networks.default([]), 'Addresses that are never dialled', '[203.0.113.0/24]'),
        })
        .prefault({}),
      'Exceptions and additions to the refusal of special-purpose destination addresses; for direct routes',
      '{ deny: [203.0.113.0/24] }',
    ),
    identity: key(
      identity.prefault({}),
      'Who runs the clients, by the words of Kubernetes',
      '{ static: { 10.128.4.0/24: { namespace: api } } }',
    ),
    kubernetes: key(
      kubernetes.prefault({}),
      'Who clients are, as the cluster says that they are pods of',
      '{ identity: true }',
    ),
    hop: key(hop.prefault({}), 'What hops of ours tell each other', '{ trust: { from: [gke_cluster] } }'),
    log: key(log.prefault({}), 'Logs', '{ level: warn }'),
    timeouts: key(timeouts.prefault({}), 'How long things may take', '{ idle: 5m }'),
  })
  .meta({ title: 'Weir configuration', description: 'One file configures one tier of Weir' });

/** What the schema makes of a file without mistakes. */
export type ParsedConfig = z.output<typeof configSchema>;
