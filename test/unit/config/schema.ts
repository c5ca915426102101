import t from 'tap';
import { parse } from 'yaml';
import { configSchema } from '#config/schema.ts';
import { configText } from '../../fixtures/config.ts';

function read(...lines: readonly string[]) {
  return configSchema.safeParse(parse(configText(...lines)));
}

t.test('configSchema fills in every default', async (t) => {
  t.match(read().data, {
    workers: 1,
    admin: { address: { ip: { text: '127.0.0.1' }, port: 9128 } },
    peers: {},
    limits: {},
    dns: { servers: [] },
    guard: { allow: [], deny: [] },
    hop: {},
    log: { access: { path: 'stdout' }, level: 'info' },
    timeouts: {
      head: 10_000,
      connect: 4000,
      hello: 5000,
      idle: 900_000,
      lifetime: 86_400_000,
      linger: 60_000,
      keepAlive: 75_000,
      drainDelay: 0,
      drain: 900_000,
    },
  });
});

t.test('configSchema gives every key its type', async (t) => {
  const { data } = read(
    'workers: 4',
    'admin: {}',
    'peers: { vm-a: { address: VM-A.example.com:3128 }, vm-b: { address: "[::1]:1", hop: true, connectTimeout: 2s } }',
    'guard: { allow: [10.0.0.0/8] }',
    'hop: { trust: { from: [tls_ports] } }',
    'log: { access: { path: a.log }, level: trace }',
  );
  t.match(data, {
    workers: 4,
    admin: { address: { port: 9128 } },
    peers: {
      'vm-a': {
        address: { text: 'vm-a.example.com:3128' },
        hop: false,
        connectTimeout: undefined,
        weight: 1,
      },
      'vm-b': { address: { text: '[::1]:1' }, hop: true, connectTimeout: 2000 },
    },
    guard: { allow: [{ text: '10.0.0.0/8' }], deny: [] },
    hop: { trust: { from: ['tls_ports'] } },
    log: { access: { path: 'a.log' }, level: 'trace' },
  });
  t.match(data?.routes, [{ name: 'internet', direct: true, balance: 'failover', resolve: undefined }]);
});
