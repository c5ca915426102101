import { join } from 'node:path';
import t from 'tap';
import { builtInConfig, configIn } from '#config/built-in.ts';
import { configText } from '../../fixtures/config.ts';

t.test('builtInConfig() is a real proxy for this machine alone', async (t) => {
  const config = await builtInConfig();
  t.match(config, {
    file: undefined,
    listeners: [{ name: 'main', host: '127.0.0.1', port: 3128 }],
    admin: { host: '127.0.0.1', port: 9128 },
    policy: {
      acls: {
        loopback: { src: [{ text: '127.0.0.0/8' }, { text: '::1/128' }] },
        web_ports: { ports: [{ text: '80' }, { text: '443' }] },
      },
      access: [{ deny: ['!loopback'] }, { deny: ['!web_ports'] }, { allow: ['loopback', 'web_ports'] }],
    },
    peers: {},
    routes: [{ direct: true }],
    guard: { allow: [], deny: [] },
    hop: { trustFrom: undefined },
    log: { accessPath: 'stdout' },
    files: [],
  });
});

t.test('configIn() is that of the file, or else the built-in one', async (t) => {
  const file = join(t.testdir({ 't1.yaml': configText() }), 't1.yaml');
  t.match(await configIn(file), { file, name: 't1' });
  t.same(await configIn(undefined), await builtInConfig());
});

// Attacks: no-open-proxy.
t.test('configIn() serves no open proxy', async (t) => {
  const open =
    'name: t\nlisteners: [{ name: m, address: 0.0.0.0:1 }]\naccess: [{ name: r, allow: [all] }]\nroutes: [{ name: o, direct: true }]';
  const file = join(t.testdir({ 't.yaml': open }), 't.yaml');
  await t.rejects(configIn(file), { message: /an open proxy/ });
});
