/**
 * Transactions have one shape from their first moment to their last, whatever becomes of them: V8 compiles the data path for it,
 * and one field that is added on some way would make every other way slower.
 */
import v8 from 'node:v8';
import t from 'tap';
import type { Transaction } from '#proxy/transaction.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin, rawOrigin } from '../fixtures/origin.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

v8.setFlagsFromString('--allow-natives-syntax');
const haveSameMap = new Function('a', 'b', 'return %HaveSameMap(a, b)') as (a: object, b: object) => boolean;
const hasFastProperties = new Function('a', 'return %HasFastProperties(a)') as (a: object) => boolean;

/** All that begin from now on. */
function watchTransactions(proxy: TestProxy): Transaction[] {
  const { drain } = proxy.proxy.context;
  const seen: Transaction[] = [];
  const begin = drain.begin.bind(drain);
  drain.begin = (transaction) => {
    seen.push(transaction as Transaction);
    begin(transaction);
  };
  return seen;
}

t.test('transactions have the same shape, however they end', async (t) => {
  await using echo = await rawOrigin();
  await using web = await httpOrigin((request, response) => {
    request.resume();
    request.on('end', () => response.end('hi'));
  });
  await using proxy = await startProxy(yamlOf());
  const seen = watchTransactions(proxy);
  const get = `http://origin.example:${web.port}/ HTTP/1.1\r\nHost: x\r\n`;
  const answered = [
    `GET ${get}\r\n`,
    `GET ${get}Connection: close\r\n\r\n`,
    `POST ${get}Content-Length: 2\r\n\r\nhi`,
    'GET http://10.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n',
    'CONNECT 10.0.0.1:443 HTTP/1.1\r\nHost: x\r\n\r\n',
    'NONSENSE\r\n\r\n',
  ];
  const play = async (): Promise<void> => {
    for (const request of answered) {
      await using client = await RawClient.connect(proxy.port);
      client.send(request);
      await readAnswer(client);
    }
    await using client = await RawClient.connect(proxy.port);
    client.send(`CONNECT origin.example:${echo.port} HTTP/1.1\r\nHost: x\r\n\r\nhello`);
    const far = await echo.accept();
    await far.expect('hello');
    far.end();
    client.end();
    await client.closed();
  };
  // The first ones teach V8 what the fields hold, which it then holds for all.
  await play();
  await play();
  const taught = seen.length;
  await play();
  await proxy.allClosed();
  const later = seen.slice(taught);
  t.equal(later.length, answered.length + 1);
  const first = later[0] as Transaction;
  t.ok(hasFastProperties(first));
  for (const transaction of later)
    t.ok(haveSameMap(first, transaction), `${transaction.method} ${transaction.status}`);
  t.notOk(
    haveSameMap(first, Object.assign(Object.create(Object.getPrototypeOf(first)), { x: 1 })),
    'it can tell',
  );
});
