import t from 'tap';
import { isAnybody, requestsOf } from '#config/strangers.ts';
import type { StaticClient } from '#identity/static-clients.ts';
import { networks } from '../../fixtures/subject.ts';

const AROUND = { listener: 'main', nowMs: 0, clients: [] };
const HALF_HOURS_OF_WEEK = 336;

const requests = (acls: object, around: object = {}) => [
  ...requestsOf({ acls: acls as never, access: [] }, { ...AROUND, ...around }),
];

t.test('requestsOf() asks from where nobody is spoken of, for what nobody speaks of', async (t) => {
  const [first, ...rest] = requests({
    some: { src: networks('11.0.0.0/8'), dst: networks('11.200.0.0/16') },
  });
  t.equal(first?.clientAddress.text, '12.200.113.37');
  t.equal(first?.destination?.text, '12.200.113.37');
  t.match(first, { listener: 'main', headers: [], user: undefined, identity: undefined });
  t.equal(rest.length, 15, 'two ports, two methods, and both versions of the address at both ends');
});

t.test('requestsOf() speaks of every port, method and time that is spoken of', async (t) => {
  const asked = requests({
    odd: { ports: [{ first: 8443, last: 9000, text: '8443-9000' }], methods: ['POST'], time: {} },
  });
  t.same([...new Set(asked.map(({ port }) => port))], [443, 80, 8443]);
  t.same([...new Set(asked.map(({ method }) => method))], ['CONNECT', 'GET', 'POST']);
  t.equal(new Set(asked.map(({ timeMs }) => timeMs)).size, HALF_HOURS_OF_WEEK);
});

t.test('requestsOf() has a server name in tunnels, and a URL elsewhere', async (t) => {
  for (const { method, sni, requestUrl, host } of requests({})) {
    t.equal(sni?.text, method === 'CONNECT' ? host.text : undefined);
    t.equal(requestUrl === undefined, method === 'CONNECT');
  }
});

t.test('requestsOf() says who strangers are to a table of everybody', async (t) => {
  const clients = [client('0.0.0.0/1', 'api'), client('128.0.0.0/1', 'web'), client('11.0.0.0/8', 'ours')];
  const found = requests({}, { clients }).map(({ identity }) => identity?.namespace);
  t.same(new Set(found), new Set(['api', 'web', undefined]));
});

/** In a table. */
function client(text: string, namespace: string): StaticClient {
  const [network] = networks(text);
  if (network === undefined) throw new Error('No network');
  const nothing = { pod: undefined, serviceAccount: undefined, podLabels: undefined };
  return { network, namespace, ...nothing, namespaceLabels: undefined };
}

t.test('requestsOf() asks from each network that holds a large part of all addresses', async (t) => {
  const src = networks('128.0.0.0/1', '128.0.0.0/1', '160.0.0.0/3', '160.0.0.0/8', '::/0', '224.0.0.0/3');
  const found = requests({ wide: { src } }).map(({ clientAddress }) => clientAddress.text);
  t.same(
    new Set(found),
    new Set(['11.200.113.37', '2a10:1234:5678::37', '128.200.113.37', '161.200.113.37']),
  );
});

t.test('requestsOf() takes any address where all are spoken of', async (t) => {
  const all = networks('8.0.0.0/5', '16.0.0.0/4', '32.0.0.0/4', '48.0.0.0/4', '64.0.0.0/4', '80.0.0.0/4');
  const [first] = requests({ most: { src: [...all, ...networks('0.0.0.0/1')] } });
  t.equal(first?.clientAddress.text, '11.200.113.37');
});

t.test('isAnybody() is for networks that are nearly everything', async (t) => {
  const sixteenths = Array.from({ length: 16 }, (_, i) => `${i * 16}.0.0.0/4`);
  for (const texts of [['10.0.0.0/8', '0.0.0.0/1'], ['::/0'], ['192.0.0.0/3'], sixteenths])
    t.ok(isAnybody(networks(...texts)), texts.join(' '));
  for (const texts of [[], ['10.0.0.0/8', '128.0.0.0/4'], ['34.0.0.0/8', 'fd00::/8'], ['224.0.0.0/3']])
    t.notOk(isAnybody(networks(...texts)), texts.join(' '));
});
