import t from 'tap';
import { Abort } from '#net/abort.ts';
import { testConnections } from '../../fixtures/connection-scenarios.ts';
import { HEAD_END, KeptAnswer, scriptedOrigin } from '../../fixtures/exchange.ts';
import { answering, openPool, UNDICI } from '../../fixtures/pool.ts';
import { faultOf } from '../../fixtures/sockets.ts';

const { ask } = UNDICI;

testConnections(UNDICI);

t.test('exchange() tells what undici refuses from faults of the next hop', async (t) => {
  const { pool, tools } = openPool(t);
  const request = ask(9, { headers: ['Host', 'a', 'Expect', '100-continue'] });
  const fault = await faultOf(pool.exchange(request, new KeptAnswer(), new Abort()));
  t.match(fault, { reason: 'request_malformed', phase: 'connecting' });
  t.equal(tools.ledger.opened.upstream, 0);
});

t.test(
  'exchange() tells a next hop that ended within its head from one that undici broke off with',
  async (t) => {
    await using origin = await scriptedOrigin(async (connection) => {
      await connection.until(HEAD_END);
      connection.end('HTTP/1.1 200 OK\r\nX: ');
    }, answering('HTTP/1.1 100 Continue\r\n\r\n'));
    const { pool } = openPool(t);
    for (const [reason, phase] of [
      ['connection_terminated', 'sent'],
      ['response_malformed', 'answering'],
    ] as const) {
      const fault = await faultOf(pool.exchange(ask(origin.port), new KeptAnswer(), new Abort()));
      t.match(fault, { reason, phase });
    }
  },
);
