import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { Service } from '../../src/service.ts';
import { ApiServer } from '../fixtures/api-server.ts';
import { configText } from '../fixtures/config.ts';
import { v1Namespace } from '../fixtures/pods.ts';

t.test('adopt() forgets the namespaces that a configuration asked for which was refused', async (t) => {
  await using api = await ApiServer.start();
  api.put(v1Namespace('api', { team: 'a' }), '/api/v1/namespaces');
  const text = configText(`kubernetes: { identity: true, apiServer: "${api.url}" }`, 'log: { level: error }');
  const service = new Service(await parseConfig(text));
  t.teardown(() => service.abandon());
  await service.proxy.start();
  const asking = text.replace('acls: {', 'acls: { team: { namespaceLabels: { team: a } },');
  // The port is taken.
  const refused = asking.replace('127.0.0.1:0', new URL(api.url).host);
  await t.rejects(service.adopt(await parseConfig(refused)), { code: 'EADDRINUSE' });
  t.equal(api.requests.filter((target) => target.startsWith('/api/v1/namespaces')).length > 0, true);
  t.equal(service.pods.namespaces.all(), undefined, 'who asks next waits for what there is then');
  await service.adopt(await parseConfig(asking));
  t.match(service.pods.namespaces.all(), { changes: [{ name: 'api' }] });
});

t.test('what alerts ask the rate of is there before the first one, also of what a reload adds', async (t) => {
  const text = configText('log: { level: error }');
  const service = new Service(await parseConfig(text));
  t.teardown(() => service.abandon());
  await service.proxy.start();
  const { metrics } = service.records;
  const refused = (listener: string): string =>
    `weir_requests_total{listener="${listener}",method="GET",outcome="denied",reason="rule_denied"} 0\n`;
  const before = await metrics.render();
  t.match(before, refused('main'));
  t.match(before, 'weir_dns_queries_total{result="servfail"} 0\n');
  const added = text.replace('}]', '}, { name: more, address: 127.0.0.1:0 }]');
  await service.adopt(await parseConfig(`${added}\nlimits: { few: { per: source, requests: 1/s } }`));
  const after = await metrics.render();
  t.match(after, refused('more'));
  t.match(after, 'weir_limit_hits_total{limit="few"} 0\n');
});
