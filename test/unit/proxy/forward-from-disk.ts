import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import type { BodyPieces } from '#cache/body-on-disk.ts';
import { ProxyError } from '#errors.ts';
import { Abort } from '#net/abort.ts';
import type { ClientExchange } from '#proxy/client-exchange.ts';
import { serveStored } from '#proxy/forward-from-disk.ts';
import { fresh } from '../../fixtures/cache-disk.ts';

t.test('a disk that hangs is waited for no longer than the transaction may take', async (t) => {
  const opening = Promise.withResolvers<BodyPieces | undefined>();
  const open = (): Promise<BodyPieces | undefined> => opening.promise;
  const body = { length: 1, checksums: Buffer.alloc(4), open, openToCopy: open };
  const tx = { abort: new Abort() };
  // Nothing else of it is asked for before the file is open.
  const exchange = { tx } as unknown as ClientExchange;
  const serving = serveStored(exchange, { ...fresh(), body }, { result: 'hit' });
  const gone = new ProxyError('client_gone');
  tx.abort.abort(gone);
  await t.rejects(serving, gone);
  let isClosed = false;
  opening.resolve({
    read: () => [] as never,
    async [Symbol.asyncDispose]() {
      isClosed = true;
    },
  });
  await turn();
  t.ok(isClosed, 'what is open too late is closed');
});
