import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { plainHops } from '../../src/plain-hops.ts';
import { Issuer } from '../fixtures/tls.ts';

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());
const { certFile, keyFile } = await issuer.issue('t2');

async function warnings(listeners: string, lines: string): Promise<string[]> {
  const common = `name: t1\naccess: [{ name: all, allow: [all] }]\nroutes: [{ name: out, direct: true }]`;
  return plainHops(await parseConfig(`${common}\nlisteners: [${listeners}]\n${lines}`));
}

t.test(
  'plainHops() names peers of ours that are reached over a network without TLS, and no others',
  async (t) => {
    const found = await warnings(
      '{ name: main, address: 0.0.0.0:3128 }',
      `peers:
  far: { address: t2.example:3128, hop: true }
  foreign: { address: squid.example:3128 }
  here: { address: "[::1]:3127", hop: true }
  near: { address: localhost:3128, hop: true }
  safe: { address: t2.example:3129, hop: true, tls: { ca: ${issuer.caFile} } }`,
    );
    t.strictSame(found, [
      'Peer "far" (t2.example:3128) is a hop of ours without TLS: give it tls: { ca, cert, key }',
    ]);
  },
);

t.test('plainHops() names listeners that believe hops of ours over a network without TLS', async (t) => {
  const listeners = [
    '{ name: open, address: "[::]:3128" }',
    '{ name: here, address: 127.0.0.1:3127 }',
    `{ name: safe, address: 0.0.0.0:3129, tls: { cert: ${certFile}, key: ${keyFile} } }`,
  ].join(', ');
  t.strictSame(await warnings(listeners, ''), [], 'where nobody is believed');
  t.strictSame(await warnings('{ name: open, address: "[::]:3128" }', 'hop: { trust: { from: [all] } }'), [
    'Listener "open" believes hops of ours without TLS: give it tls: { cert, key, clientCa }',
  ]);
});
