/** Plain HTTP when a side breaks off: an answer that is not whole never ends as if it were. */
import { readAnswer } from '../fixtures/answer.ts';
import type { RawClient } from '../fixtures/client.ts';
import { scene } from '../fixtures/scene.ts';

const INCOMPLETE = {
  outcome: 'failed',
  reason: 'response_incomplete',
  error: 'http_response_incomplete',
  status: 200,
};

const BREAKS: Readonly<Record<string, (far: RawClient) => void>> = {
  ends: (far) => far.end(),
  'is closed': (far) => far.socket.destroy(),
  'is reset': (far) => far.reset(),
};

/** By how it is framed: the beginning of an answer, and whether an end of the connection is the end of it. */
const BEGINNINGS: Readonly<Record<string, readonly [head: string, endsWithConnection: boolean]>> = {
  'a sized answer': ['HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello', false],
  'a chunked answer': ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', false],
  'half a chunk': ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nhello', false],
  'an answer without framing': ['HTTP/1.0 200 OK\r\n\r\nhello', true],
};

for (const [how, breakOff] of Object.entries(BREAKS)) {
  for (const [what, [beginning, endsWithConnection]] of Object.entries(BEGINNINGS)) {
    if (endsWithConnection && how !== 'is reset') continue;
    for (const version of ['1.1', '1.0']) {
      scene(`${what} whose connection ${how} breaks an HTTP/${version} client off`, async (t, scene) => {
        const { proxy, origin, client, host } = scene;
        client.send(`GET http://${host}/ HTTP/${version}\r\nHost: x\r\n\r\n`);
        const far = await origin.accept();
        await far.head();
        far.send(beginning);
        await client.until((text) => text.includes('hello'));
        breakOff(far);
        t.notMatch(await client.rest(), /\r\n0\r\n\r\n/, 'no last chunk');
        t.equal(client.ending, 'ECONNRESET', 'no clean end');
        t.match(await proxy.ended(1), [{ ...INCOMPLETE, closedBy: 'upstream' }]);
        t.equal(origin.accepted, 1, 'and nothing was tried again');
        await proxy.allClosed();
      });
    }
  }
}

const NONSENSE: Readonly<Record<string, string>> = {
  'no HTTP': 'SSH-2.0-OpenSSH_9.2\r\n',
  'a status of two digits': 'HTTP/1.1 20 OK\r\n\r\n',
  'a status of 99': 'HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n',
  'a length and chunks':
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!',
  'a length that is none': 'HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello',
  'a coding that we cannot undo': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  'a NUL in a field': 'HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 0\r\n\r\n',
  'a head of 70 kB': `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(70_000)}\r\n\r\n`,
};

for (const [what, bytes] of Object.entries(NONSENSE)) {
  for (const expect of [false, true]) {
    scene(`${what} is 502${expect ? ', for a request with Expect too' : ''}`, async (t, scene) => {
      const { proxy, origin, client, host } = scene;
      const fields = expect ? 'Expect: 100-continue\r\nContent-Length: 1\r\n' : '';
      client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\n${fields}\r\n`);
      const far = await origin.accept();
      await far.head();
      far.send(bytes);
      const answer = await readAnswer(client);
      t.equal(answer.first, 'HTTP/1.1 502 Target answered nonsense (t)');
      t.match(answer.fields['proxy-status'], 't;error=http_protocol_error');
      t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'response_malformed', status: 502 }]);
      await far.rest();
    });
  }
}

for (const how of ['ends', 'is reset'] as const) {
  scene(`a POST whose connection ${how} before an answer is 502, and is not sent again`, async (t, scene) => {
    const { proxy, origin, client, host } = scene;
    client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi`);
    const far = await origin.accept();
    await far.until((text) => text.endsWith('hi'));
    BREAKS[how]?.(far);
    t.equal((await readAnswer(client)).first, 'HTTP/1.1 502 Target closed the connection (t)');
    t.match(await proxy.ended(1), [{ outcome: 'failed', reason: 'connection_terminated', status: 502 }]);
    t.equal(origin.accepted, 1);
  });

  for (const [method, isRepeated] of [
    ['GET', true],
    ['HEAD', true],
    ['OPTIONS', true],
    ['POST', false],
    ['PUT', false],
    ['DELETE', false],
  ] as const) {
    scene(
      `a ${method} on a kept connection that ${how} is ${isRepeated ? '' : 'not '}sent again`,
      async (t, { proxy, origin, client, host }) => {
        client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
        const far = await origin.accept();
        await far.head();
        far.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
        await readAnswer(client);
        client.send(`${method} http://${host}/again HTTP/1.1\r\nHost: x\r\n\r\n`);
        await far.head();
        BREAKS[how]?.(far);
        if (isRepeated) {
          const next = await origin.accept();
          t.match(await next.head(), new RegExp(`^${method} /again HTTP`));
          next.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        }
        const answer = await readAnswer(client, { bodyless: method === 'HEAD' });
        t.equal(answer.status, isRepeated ? 200 : 502);
        t.match(await proxy.ended(2), [{ status: 200 }, { method, status: answer.status }]);
        t.equal(origin.accepted, isRepeated ? 2 : 1);
      },
    );
  }
}

for (const how of ['ends', 'is reset'] as const) {
  // Attacks: both-closed.
  scene(
    `a client that ${how} amid a download lets the origin go`,
    async (t, { proxy, origin, client, host }) => {
      client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
      const far = await origin.accept();
      await far.head();
      far.send('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhello');
      await client.until((text) => text.endsWith('hello'));
      BREAKS[how]?.(client);
      await far.rest();
      t.match(await proxy.ended(1), [
        { outcome: 'client_gone', reason: 'client_gone', error: undefined, status: 200, closedBy: 'client' },
      ]);
      await proxy.allClosed();
    },
  );

  // Attacks: both-closed.
  scene(
    `a client that ${how} before an answer lets the origin go`,
    async (t, { proxy, origin, client, host }) => {
      client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
      const far = await origin.accept();
      await far.head();
      BREAKS[how]?.(client);
      await far.rest();
      t.match(await proxy.ended(1), [{ outcome: 'client_gone', status: 0, closedBy: 'client' }]);
      await proxy.allClosed();
    },
  );

  scene(
    `a client that ${how} amid an upload lets the origin go`,
    async (t, { proxy, origin, client, host }) => {
      client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nhello`);
      const far = await origin.accept();
      await far.until((text) => text.endsWith('hello'));
      BREAKS[how]?.(client);
      await far.rest();
      t.match(await proxy.ended(1), [{ outcome: 'client_gone', status: 0, closedBy: 'client' }]);
      await proxy.allClosed();
      t.equal(proxy.records.length, 1);
    },
  );
}

scene(
  'a client that ends amid an answer of unknown length is not told that it was whole',
  async (t, scene) => {
    const { proxy, origin, client, host } = scene;
    client.send(`GET http://${host}/ HTTP/1.0\r\n\r\n`);
    const far = await origin.accept();
    await far.head();
    far.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n');
    await client.until((text) => text.endsWith('hello'));
    client.end();
    await client.rest();
    t.equal(client.ending, 'ECONNRESET');
    t.match(await proxy.ended(1), [{ outcome: 'client_gone', status: 200, closedBy: 'client' }]);
  },
);

scene(
  'a chunk that is none, in the body of a request, is 400',
  async (t, { proxy, origin, client, host }) => {
    client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`);
    const far = await origin.accept();
    await far.until((text) => text.includes('abc'));
    client.send('zz\r\n');
    const answer = await client.rest();
    t.match(answer, /^HTTP\/1\.1 400 Malformed request \(t\)\r\n/);
    t.equal(client.ending, 'end');
    await far.rest();
    t.notMatch(far.received, /\r\n0\r\n/, 'the origin does not take it for whole');
    t.match(await proxy.ended(1), [
      { method: 'POST', outcome: 'failed', reason: 'request_malformed', status: 400 },
    ]);
    t.equal(proxy.records.length, 1);
  },
);

scene(
  'the next address gets the whole body',
  async (t, { proxy, origin, client, host }) => {
    const body = 'x'.repeat(200_000);
    client.send(`POST http://${host}/ HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    const far = await origin.accept();
    t.equal((await readAnswer(far)).body.length, body.length);
    far.send('HTTP/1.1 204 No Content\r\n\r\n');
    t.equal((await readAnswer(client)).status, 204);
    t.match(await proxy.ended(1), [{ upstreamIp: '127.0.0.1' }]);
  },
  { dns: '{ hostsFile: none, hosts: { origin.example: [127.0.7.2, 127.0.7.3, 127.0.0.1] } }' },
);
