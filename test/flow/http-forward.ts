/** Plain HTTP: what the origin gets of a request, and what the client gets of the answer, byte by byte. */
import { readAnswer } from '../fixtures/answer.ts';
import { scene } from '../fixtures/scene.ts';

scene(
  'a GET reaches the origin in origin-form, and its answer the client',
  async (t, { proxy, origin, client, host }) => {
    client.send(
      `GET http://${host}/path HTTP/1.1\r\nHost: other.example\r\nuser-AGENT: x\r\nAccept: */*\r\nX-Twice: 1\r\nX-Twice: 2\r\n\r\n`,
    );
    const far = await origin.accept();
    const { pseudonym } = proxy.proxy.context;
    t.equal(
      await far.head(),
      `GET /path HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\nuser-AGENT: x\r\nAccept: */*\r\nX-Twice: 1\r\nX-Twice: 2\r\nVia: 1.1 ${pseudonym}\r\n\r\n`,
    );
    far.send(
      'HTTP/1.1 200 Very Fine\r\nDate: Mon, 23 Nov 2026 10:00:00 GMT\r\nset-COOKIE: a\r\nSet-Cookie: b\r\nContent-Length: 5\r\n\r\nhello',
    );
    const answer = await readAnswer(client);
    t.equal(answer.first, 'HTTP/1.1 200 Very Fine');
    t.equal(answer.body, 'hello');
    t.same(answer.lines, [
      'Date: Mon, 23 Nov 2026 10:00:00 GMT',
      'set-COOKIE: a',
      'Set-Cookie: b',
      'Content-Length: 5',
      `Via: 1.1 ${pseudonym}`,
      'Connection: keep-alive',
      'Keep-Alive: timeout=75',
    ]);
    const [record] = await proxy.ended(1);
    t.match(record, {
      method: 'GET',
      url: `http://${host}/path`,
      host: 'origin.example',
      port: origin.port,
      outcome: 'completed',
      reason: undefined,
      status: 200,
      rule: 'everything',
      route: 'out',
      upstreamIp: '127.0.0.1',
    });
    t.ok((record?.bytesFromClient ?? 0) > 100 && (record?.bytesToClient ?? 0) > 100);
  },
);

const STATUSES: Readonly<
  Record<string, { readonly method?: string; readonly answer: string; readonly body: string }>
> = {
  'a body with a length': { answer: 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc', body: 'abc' },
  'an empty body': { answer: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', body: '' },
  'a chunked body': {
    answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\n2\r\nbc\r\n0\r\n\r\n',
    body: 'abc',
  },
  'an empty chunked body': {
    answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    body: '',
  },
  'no content': { answer: 'HTTP/1.1 204 No Content\r\nETag: "x"\r\n\r\n', body: '' },
  'a 304': { answer: 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 99\r\n\r\n', body: '' },
  'a 404 with a body': { answer: 'HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno', body: 'no' },
  'a status of its own': { answer: 'HTTP/1.1 599 What\r\nContent-Length: 0\r\n\r\n', body: '' },
  'no reason phrase': { answer: 'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n', body: '' },
  'the answer to HEAD': { method: 'HEAD', answer: 'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n', body: '' },
  'the answer to HEAD, chunked': {
    method: 'HEAD',
    answer: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    body: '',
  },
};

for (const [title, { method = 'GET', answer, body }] of Object.entries(STATUSES)) {
  scene(`${title} passes, and the client is served on`, async (t, { proxy, origin, client, host }) => {
    const head = `${method} http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`;
    client.send(head);
    // No connection is trusted after an answer that may have had a body and must not.
    const isKept = method !== 'HEAD' && !answer.includes('Length: 99');
    let far = await origin.accept();
    for (let i = 0; i < 3; i += 1) {
      if (i > 0) client.send(head);
      if (i > 0 && !isKept) far = await origin.accept();
      await far.head();
      far.send(answer);
      const got = await readAnswer(client, { bodyless: method === 'HEAD' });
      t.equal(got.first, answer.slice(0, answer.indexOf('\r\n')));
      t.equal(got.body, body);
      const length = /Content-Length: (\d+)/.exec(answer)?.[1];
      t.equal(got.fields['content-length'], length, 'the length is passed on, also where there is no body');
      if (answer.includes('ETag')) t.equal(got.fields.etag, '"x"');
    }
    t.equal(origin.accepted, isKept ? 1 : 3);
    t.equal(client.received, '', 'nothing more came');
    t.match(await proxy.ended(3), [
      { outcome: 'completed' },
      { outcome: 'completed' },
      { outcome: 'completed' },
    ]);
  });
}

const UPLOADS: Readonly<
  Record<string, { readonly fields: string; readonly body: string; readonly framing: string }>
> = {
  'a length': { fields: 'Content-Length: 5', body: 'hello', framing: 'Content-Length: 5' },
  'a length of zero': { fields: 'Content-Length: 0', body: '', framing: 'Content-Length: 0' },
  chunks: {
    fields: 'Transfer-Encoding: chunked',
    body: '3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n',
    framing: 'transfer-encoding: chunked',
  },
};

for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'QUERY']) {
  for (const [title, { fields, body, framing }] of Object.entries(UPLOADS)) {
    scene(`${method} with ${title} reaches the origin whole`, async (t, { proxy, origin, client, host }) => {
      client.send(`${method} http://${host}/ HTTP/1.1\r\nHost: x\r\n${fields}\r\n\r\n${body}`);
      const far = await origin.accept();
      const got = await readAnswer(far);
      t.equal(got.first, `${method} / HTTP/1.1`);
      t.equal(got.body, body === '' ? '' : 'hello');
      t.ok(
        got.lines.some((line) => line.toLowerCase() === framing.toLowerCase()) || body === '',
        got.lines.join(),
      );
      t.equal(
        got.lines.filter((line) => /^(content-length|transfer-encoding)/i.test(line)).length <= 1,
        true,
      );
      far.send('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n');
      t.equal((await readAnswer(client)).status, 201);
      t.match(await proxy.ended(1), [{ method, outcome: 'completed', status: 201 }]);
    });
  }
}
