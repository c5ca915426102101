/** Tried on Node 26.10. What reading comes to is in tls-leg.ts: here is what there is where there is nothing to read. */
import { once } from 'node:events';
import tls from 'node:tls';
import t from 'tap';
import { ownRecords, startReading, stopReading } from '#net/tls-handle.ts';
import { Sockets } from '../../fixtures/sockets.ts';
import { Issuer } from '../../fixtures/tls.ts';

const NOBODY = { onRecord: () => undefined };

t.test('ownRecords() says so where Node keeps something else beneath', async (t) => {
  for (const _handle of [null, {}, { useUserBuffer: () => {} }]) {
    const socket = { _handle } as unknown as tls.TLSSocket;
    t.throws(() => ownRecords(socket, Buffer.alloc(1), NOBODY), { message: /useUserBuffer/ });
  }
});

t.test('ownRecords() takes bytes, and leaves the end to the socket', async (t) => {
  const issuer = await Issuer.open();
  t.teardown(() => issuer[Symbol.asyncDispose]());
  const { cert, key } = await issuer.issue('peer.test');
  await using sockets = await Sockets.open();
  const { accepted, far: beneath } = await sockets.pair();
  const far = new tls.TLSSocket(accepted, {
    isServer: true,
    secureContext: tls.createSecureContext({ cert, key }),
  });
  const socket = tls.connect({ socket: beneath, ca: issuer.ca, servername: 'peer.test' });
  await once(socket, 'secureConnect');
  const buffers = [Buffer.alloc(16), Buffer.alloc(16)] as const;
  const counts: number[] = [];
  ownRecords(socket, Buffer.alloc(1), NOBODY);
  ownRecords(socket, buffers[0], {
    onRecord(count) {
      counts.push(count);
      return buffers[1];
    },
  });
  stopReading(socket);
  startReading(socket);
  far.write('one');
  far.end('three');
  await once(socket, 'end');
  t.strictSame(counts, [3, 5]);
  t.equal(buffers[0].toString('latin1', 0, 3), 'one');
  t.equal(buffers[1].toString('latin1', 0, 5), 'three');
  socket.destroy();
  await once(socket, 'close');
  startReading(socket);
  stopReading(socket);
  t.ok(socket.destroyed, 'a closed one is left as it is');
});
