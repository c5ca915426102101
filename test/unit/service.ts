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
