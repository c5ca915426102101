/** Who waits for the audit trail waits no longer than `timeouts.establish`, may leave, and is recorded once; nothing is dialled. */
import t, { type Test } from 'tap';
import { TrailAuditor } from '#audit/auditor.ts';
import type { Body } from '#audit/canonical.ts';
import { endBody } from '#audit/decision.ts';
import { RawClient } from '../fixtures/client.ts';
import { tcpOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { startProxy, type TestProxy, yamlOf } from '../fixtures/proxy.ts';

interface Stage {
  readonly proxy: TestProxy;
  /** A CONNECT and a GET. */
  readonly requests: readonly string[];
  /** Every record that was put on the trail, none of which is ever written. */
  readonly bodies: readonly Body[];
  /** Resolves with the next one. */
  readonly asked: () => Promise<void>;
}

async function stageOf(t: Test, establish: string): Promise<Stage> {
  const origin = owned(t, await tcpOrigin(() => t.fail('Nothing is dialled')));
  const proxy = owned(t, await startProxy(yamlOf({ timeouts: `{ establish: ${establish} }` })));
  const bodies: Body[] = [];
  let next = Promise.withResolvers<void>();
  const trail = {
    isFailing: false,
    append: (body: Body) => bodies.push(body) > 0,
    written() {
      next.resolve();
      next = Promise.withResolvers();
      return new Promise<void>(() => {});
    },
  };
  Object.assign(proxy.proxy.context, { auditor: new TrailAuditor(trail, true) });
  const host = `origin.example:${origin.port}`;
  const requests = [`CONNECT ${host}`, `GET http://${host}/`].map(
    (line) => `${line} HTTP/1.1\r\nHost: x\r\n\r\n`,
  );
  return { proxy, requests, bodies, asked: () => next.promise };
}

t.test('who waits for longer than it may take to establish is told of the audit trail', async (t) => {
  const { proxy, requests, bodies } = await stageOf(t, '100ms');
  for (const request of requests) {
    await using client = await RawClient.connect(proxy.port);
    client.send(request);
    t.match(await client.head(), /^HTTP\/1\.1 503 Audit trail cannot be written/);
  }
  const records = await proxy.ended(2);
  t.match(records, [{ reason: 'audit_unavailable' }, { reason: 'audit_unavailable' }]);
  t.equal(bodies.length, 2, 'each permit');
  for (const record of records) t.match(endBody(record), '"verdict":"deny"', 'and each refusal');
});

t.test('who leaves while it waits is recorded once', async (t) => {
  const { proxy, requests, bodies, asked } = await stageOf(t, '60s');
  for (const request of requests) {
    const client = await RawClient.connect(proxy.port);
    const waits = asked();
    client.send(request);
    await waits;
    client.reset();
  }
  const records = await proxy.ended(2);
  t.match(records, [{ outcome: 'client_gone' }, { outcome: 'client_gone' }]);
  t.equal(bodies.length, 2, 'each permit');
  for (const record of records) t.equal(endBody(record), undefined, 'and nothing of its end');
});
