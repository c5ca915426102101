/** TRACE and OPTIONS: who may, and how far they go (RFC 9110 sections 7.6.2, 9.3.7 and 9.3.8). */
import { readAnswer } from '../fixtures/answer.ts';
import { scene } from '../fixtures/scene.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const NAMED = { acls: '{ trace: { methods: [TRACE] } }', access: '[{ name: trace, allow: [trace] }]' };

// Attacks: default-deny.
scene('TRACE is denied where no rule names it', async (t, { proxy, origin, client, host }) => {
  client.send(`TRACE http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  t.equal((await readAnswer(client)).status, 403);
  t.match(await proxy.ended(1), [{ outcome: 'denied', reason: 'no_rule_matched', method: 'TRACE' }]);
  t.equal(origin.accepted, 0);
});

scene('TRACE to its last hop is denied where no rule names it', async (t, { client, host }) => {
  client.send(`TRACE http://${host}/ HTTP/1.1\r\nHost: x\r\nMax-Forwards: 0\r\n\r\n`);
  t.equal((await readAnswer(client)).status, 403);
});

scene(
  'TRACE that a rule names goes to the origin',
  async (t, { proxy, origin, client, host }) => {
    client.send(`TRACE http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    const far = await origin.accept();
    const got = await readAnswer(far);
    t.equal(got.first, 'TRACE / HTTP/1.1');
    t.notOk('max-forwards' in got.fields);
    far.send(OK);
    t.equal((await readAnswer(client)).status, 200);
    t.match(await proxy.ended(1), [{ outcome: 'completed', rule: 'trace' }]);
  },
  NAMED,
);

scene(
  'TRACE with Max-Forwards 0 is answered here, without what is secret',
  async (t, { proxy, origin, client, host }) => {
    const shown = `TRACE http://${host}/x?y HTTP/1.1\r\nHost: x\r\nMAX-Forwards: 0\r\nVia: 1.1 before\r\nX-Own: \xe9\r\n`;
    const secrets = [
      'Authorization: Basic s3cr3t',
      'Proxy-Authorization: Basic s3cr3t',
      'Cookie: a=s3cr3t',
      'COOKIE: b=s3cr3t',
      'Weir-Identity: s3cr3t',
    ];
    client.send(`${shown}${secrets.join('\r\n')}\r\n\r\n`);
    const answer = await readAnswer(client);
    t.equal(answer.first, 'HTTP/1.1 200 OK');
    t.equal(answer.body, `${shown}\r\n`);
    const [record] = await proxy.ended(1);
    t.match(answer.fields, {
      'content-type': 'message/http',
      'cache-control': 'no-store',
      'proxy-status': 't',
      'weir-transaction': record?.transactionId,
      connection: 'keep-alive',
    });
    t.match(record, { outcome: 'completed', reason: undefined, status: 200, upstreamIp: undefined });
    t.notMatch(JSON.stringify(record), 's3cr3t');
    t.equal(origin.accepted, 0);
  },
  NAMED,
);

scene(
  'OPTIONS with Max-Forwards 0 is answered here, and the connection serves on',
  async (t, { proxy, origin, client, host }) => {
    for (const target of [`http://${host}`, `http://${host}/x`]) {
      client.send(`OPTIONS ${target} HTTP/1.1\r\nHost: x\r\nMax-Forwards: 00\r\n\r\n`);
      const answer = await readAnswer(client);
      t.equal(answer.first, 'HTTP/1.1 200 OK');
      t.match(answer.fields, {
        'content-length': '0',
        allow: /\bGET\b.*\bOPTIONS\b/,
        connection: 'keep-alive',
      });
    }
    t.match(await proxy.ended(2), Array(2).fill({ method: 'OPTIONS', outcome: 'completed', status: 200 }));
    t.equal(origin.accepted, 0);
  },
);

scene('OPTIONS with Max-Forwards 0 and a body is answered, too', async (t, { proxy, client, host }) => {
  client.send(
    `OPTIONS http://${host}/ HTTP/1.1\r\nHost: x\r\nMax-Forwards: 0\r\nContent-Length: 5\r\n\r\nhello`,
  );
  t.equal((await readAnswer(client)).status, 200);
  client.send(`OPTIONS http://${host}/ HTTP/1.1\r\nHost: x\r\nMax-Forwards: 0\r\n\r\n`);
  t.equal((await readAnswer(client)).status, 200);
  t.match(await proxy.ended(2), Array(2).fill({ outcome: 'completed', status: 200 }));
});

const COUNTED: Readonly<Record<string, readonly [method: string, sent: string, expected: string]>> = {
  'OPTIONS is counted down': ['OPTIONS', '7', '6'],
  'TRACE is counted down': ['TRACE', '1', '0'],
  'more than can be counted stays large': ['OPTIONS', '9'.repeat(400), '9007199254740990'],
  'what is no number stays': ['OPTIONS', '-1', '-1'],
  'GET is not counted': ['GET', '7', '7'],
  'GET with 0 goes on': ['GET', '0', '0'],
};

for (const [title, [method, sent, expected]] of Object.entries(COUNTED)) {
  scene(
    `Max-Forwards: ${title}`,
    async (t, { origin, client, host }) => {
      client.send(`${method} http://${host}/ HTTP/1.1\r\nHost: x\r\nMax-Forwards: ${sent}\r\n\r\n`);
      const far = await origin.accept();
      t.equal((await readAnswer(far)).fields['max-forwards'], expected);
      far.send(OK);
      t.equal((await readAnswer(client)).status, 200);
    },
    {
      acls: '{ named: { methods: [GET, OPTIONS, TRACE] } }',
      access: '[{ name: named, allow: [named] }]',
    },
  );
}
