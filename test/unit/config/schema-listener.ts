import t from 'tap';
import { listener } from '#config/schema-listener.ts';

const MAIN = { name: 'main', address: '[::1]:3128' };

t.test('listener: its address is read, and what is not said is not there', async (t) => {
  const { proxyProtocol, tls, ...rest } = listener.parse(MAIN);
  t.match(rest, { name: 'main', address: { ip: { text: '::1' }, port: 3128 } });
  t.same([proxyProtocol, tls], [undefined, undefined]);
});

t.test('listener: load balancers are networks, and a certificate has a key', async (t) => {
  const tls = { cert: 'a.pem', key: 'a.key' };
  const read = listener.parse({ ...MAIN, proxyProtocol: { from: ['10.0.0.0/8'] }, tls });
  t.match(read, { proxyProtocol: { from: [{ text: '10.0.0.0/8' }] }, tls });
  for (const wrong of [{ proxyProtocol: {} }, { tls: { cert: 'a.pem' } }, { from: ['10.0.0.0/8'] }]) {
    t.equal(listener.safeParse({ ...MAIN, ...wrong }).success, false, JSON.stringify(wrong));
  }
});
