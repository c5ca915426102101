import t from 'tap';
import { listenerContext, peerContext, ticketSettings } from '#net/tls-context.ts';
import { Issuer } from '../../fixtures/tls.ts';

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());
const { cert, key } = await issuer.issue('one.test');
const other = await issuer.issue('two.test');
const { ca } = issuer;

t.test('peerContext() and listenerContext() take what fits together, and refuse what does not', async (t) => {
  t.ok(peerContext({ ca, own: undefined }));
  t.ok(peerContext({ ca, own: { cert, key } }));
  t.throws(() => peerContext({ ca, own: { cert, key: other.key } }), { code: /MISMATCH/ });
  t.ok(listenerContext({ cert, key, clientCa: undefined }));
  t.ok(listenerContext({ cert, key, clientCa: ca }));
  t.throws(() => listenerContext({ cert, key: other.key, clientCa: ca }), { code: /MISMATCH/ });
});

t.test(
  'ticketSettings() are the same for one secret and one set of files, and others for all else',
  async (t) => {
    const listener = { cert, key, clientCa: ca };
    const settings = ticketSettings(listener, 'secret');
    t.strictSame(ticketSettings({ ...listener }, 'secret'), settings);
    t.equal(settings.ticketKeys.length, 48);
    t.match(settings.sessionIdContext, /^[0-9a-f]{32}$/);
    for (const [options, secret] of [
      [listener, 'another'],
      [{ ...listener, clientCa: undefined }, 'secret'],
      [{ ...listener, cert: other.cert }, 'secret'],
      [{ ...listener, key: other.key }, 'secret'],
    ] as const) {
      const different = ticketSettings(options, secret);
      t.notSame(different.ticketKeys, settings.ticketKeys);
      t.not(different.sessionIdContext, settings.sessionIdContext);
    }
  },
);
