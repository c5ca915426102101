import t from 'tap';
import { compileStaticClients, type StaticClient } from '#identity/static-clients.ts';
import { parseNetwork } from '#net/ip.ts';
import { ip } from '../../fixtures/subject.ts';

function client(network: string, parts: Partial<StaticClient> = {}): StaticClient {
  const nobody = { namespace: undefined, pod: undefined, serviceAccount: undefined };
  const labels = { podLabels: undefined, namespaceLabels: undefined };
  return { network: parseNetwork(network), ...nobody, ...labels, ...parts };
}

t.test('compileStaticClients() makes nothing of nothing', async (t) => {
  t.equal(compileStaticClients([]), undefined);
});

t.test('identityOf() goes by the longest network', async (t) => {
  const clients = compileStaticClients([
    client('10.0.0.0/8', { namespace: 'all' }),
    client('10.1.2.3', { namespace: 'one', pod: 'api-0', serviceAccount: 'builder' }),
    client('10.1.0.0/16', { namespace: 'some', podLabels: { app: 'api' }, namespaceLabels: { team: 'a' } }),
    client('2001:db8::/32', { podLabels: {} }),
  ]);
  const none = { pod: undefined, uid: undefined, serviceAccount: undefined };
  t.strictSame(clients?.identityOf(ip('10.1.2.3')), {
    namespace: 'one',
    pod: 'api-0',
    uid: undefined,
    serviceAccount: 'builder',
    podLabels: undefined,
    hasAllLabels: false,
    namespaceLabels: undefined,
  });
  t.strictSame(clients?.identityOf(ip('10.1.9.9')), {
    ...none,
    namespace: 'some',
    podLabels: new Map([['app', 'api']]),
    hasAllLabels: true,
    namespaceLabels: { labels: new Map([['team', 'a']]), hasAllLabels: true },
  });
  t.match(clients?.identityOf(ip('10.9.9.9')), { namespace: 'all', hasAllLabels: false });
  t.match(clients?.identityOf(ip('2001:db8::1')), {
    namespace: undefined,
    podLabels: new Map(),
    hasAllLabels: true,
  });
  t.equal(clients?.identityOf(ip('192.0.2.1')), undefined);
  t.equal(clients?.networkOf(ip('10.1.9.9')), '10.1.0.0/16');
  t.equal(clients?.networkOf(ip('192.0.2.1')), undefined);
  t.equal(clients?.identityOf(ip('10.1.9.9')), clients?.identityOf(ip('10.1.8.8')), 'the same one each time');
});
