import t from 'tap';
import { imported, toldOf } from '../../fixtures/imported.ts';

t.test('settings become keys', async (t) => {
  const found = await imported(t, [
    'visible_hostname Proxy_1.example.com',
    'workers 4',
    'connect_timeout 10 seconds',
    'forward_timeout 20 seconds',
    'request_timeout 1 minute',
    'client_idle_pconn_timeout 2 minutes',
    'read_timeout 5 minutes',
    'client_lifetime 1 day',
    'shutdown_lifetime 0 seconds',
    'dns_nameservers 10.0.0.10 10.0.0.11',
    'positive_dns_ttl 1 minute',
    'negative_dns_ttl 5 seconds',
    'dns_timeout 3 seconds',
    'hosts_file none',
    'access_log daemon:/var/log/squid/access.log squid',
  ]);
  t.match(found.config, {
    name: 'proxy_1.example.com',
    workers: 4,
    timeouts: {
      connect: '10s',
      establish: '20s',
      head: '1m',
      keepAlive: '2m',
      idle: '5m',
      lifetime: '1d',
      drain: '0s',
    },
    dns: {
      servers: ['10.0.0.10', '10.0.0.11'],
      maxTtl: '1m',
      negativeTtl: '5s',
      timeout: '3s',
      hostsFile: 'none',
    },
    log: { access: { path: '/var/log/squid/access.log', format: 'squid' } },
  });
  t.match(toldOf(found, 15)[0], /^same .*format: squid/);
});

const TOLD: Readonly<Record<string, RegExp>> = {
  'connect_timeout soon': /^error "soon" is no time/,
  'connect_timeout 0': /^dropped /,
  'read_timeout 1 year': /^changed timeouts\.idle: 24d\. Weir has none longer/,
  'workers many': /^error /,
  'workers 100': /^changed workers: 64/,
  'workers 0': /^same workers: 1/,
  'dns_nameservers ns.example.com': /^error "ns\.example\.com" is no IP address/,
  dns_nameservers: /^error It names no server/,
  'peer_connect_timeout never': /^error /,
  'hosts_file gone': /^changed "gone" is not on this machine/,
  'hosts_file /etc/hosts': /^same /,
  'access_log none': /^changed /,
  'access_log syslog:local1': /^dropped /,
  'access_log /var/log/a.log combined': /^changed /,
  'access_log stdio:/var/log/a.log logformat=squid': /^same /,
  'access_log /var/log/a.log squid noise': /^changed Every transaction/,
  'access_log /var/log/a.log logformat=squid noise': /^changed Every transaction/,
};

for (const [line, told] of Object.entries(TOLD)) {
  t.test(`a setting: ${line}`, async (t) => t.match(toldOf(await imported(t, [line]), 1)[0], told));
}

t.test('a longest time below a second takes the shortest with it', async (t) => {
  const { config } = await imported(t, ['positive_dns_ttl 0 seconds']);
  t.same(config.dns, { maxTtl: '0s', minTtl: '0s' });
});

t.test('there is one access log, the first', async (t) => {
  const found = await imported(t, ['access_log /var/log/a.log', 'access_log /var/log/b.log']);
  t.equal(found.config.log.access.path, '/var/log/a.log');
  t.match(toldOf(found, 2)[0], /^dropped /);
});

t.test('peer_connect_timeout is for peers without one of their own', async (t) => {
  const lines = [
    'cache_peer a parent 1 0 connect-timeout=9',
    'cache_peer b parent 1 0',
    'never_direct allow all',
    'peer_connect_timeout 3 seconds',
  ];
  const { config } = await imported(t, lines);
  t.match(config.peers, { a: { connectTimeout: '9s' }, b: { connectTimeout: '3s' } });
});
