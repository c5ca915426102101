/** Requests of plain HTTP that are refused as they are: the answer, that nobody was dialled, and the one record. */
import { HEAD_LIMITS } from '#net/limits.ts';
import { readAnswer } from '../fixtures/answer.ts';
import { scene } from '../fixtures/scene.ts';

const HOST = 'Host: x\r\n';
const POST = 'POST http://origin.example/ HTTP/1.1\r\nHost: x\r\n';

interface Refusal {
  readonly status: number;
  readonly reason: string;
  /** Whether the connection serves on. */
  readonly isKept?: boolean;
}

const MALFORMED: Refusal = { status: 400, reason: 'request_malformed' };
const UNSUPPORTED: Refusal = { status: 501, reason: 'scheme_unsupported', isKept: true };
const TOO_LARGE: Refusal = { status: 431, reason: 'request_head_too_large' };
const TOO_LONG: Refusal = { status: 414, reason: 'target_too_long' };
const UNEXPECTED: Refusal = { status: 417, reason: 'expectation_unsupported' };

const REFUSED: Readonly<Record<string, readonly [request: string, refusal: Refusal]>> = {
  'origin-form': [`GET / HTTP/1.1\r\n${HOST}\r\n`, MALFORMED],
  'origin-form that looks absolute': [`GET //origin.example/ HTTP/1.1\r\n${HOST}\r\n`, MALFORMED],
  'asterisk-form': [`OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, MALFORMED],
  'authority-form': [`GET origin.example:80 HTTP/1.1\r\n${HOST}\r\n`, MALFORMED],
  https: [`GET https://origin.example/ HTTP/1.1\r\n${HOST}\r\n`, UNSUPPORTED],
  ftp: [`GET ftp://origin.example/ HTTP/1.1\r\n${HOST}\r\n`, UNSUPPORTED],
  'a scheme without authority': [`GET http:origin.example/ HTTP/1.1\r\n${HOST}\r\n`, MALFORMED],
  'an empty authority': [`GET http:///x HTTP/1.1\r\n${HOST}\r\n`, MALFORMED],
  'a port alone': [`GET http://:80/ HTTP/1.1\r\n${HOST}\r\n`, MALFORMED],
  'port 0': [`GET http://origin.example:0/ HTTP/1.1\r\n${HOST}\r\n`, MALFORMED],
  'port 65536': [`GET http://origin.example:65536/ HTTP/1.1\r\n${HOST}\r\n`, MALFORMED],
  'user information': [`GET http://user:pass@origin.example/ HTTP/1.1\r\n${HOST}\r\n`, MALFORMED],
  'a fragment': [`GET http://origin.example/#x HTTP/1.1\r\n${HOST}\r\n`, MALFORMED],
  'a decimal IPv4': [`GET http://2130706433/ HTTP/1.1\r\n${HOST}\r\n`, MALFORMED],
  'bytes beyond ASCII in the target': [`GET http://origin.example/\xe9 HTTP/1.1\r\n${HOST}\r\n`, MALFORMED],
  'no Host': ['GET http://origin.example/ HTTP/1.1\r\n\r\n', MALFORMED],
  'two Hosts': [`GET http://origin.example/ HTTP/1.1\r\n${HOST}${HOST}\r\n`, MALFORMED],
  'HTTP/2.0': [`GET http://origin.example/ HTTP/2.0\r\n${HOST}\r\n`, MALFORMED],
  'HTTP/1.2': [`GET http://origin.example/ HTTP/1.2\r\n${HOST}\r\n`, MALFORMED],
  'no version': [`GET http://origin.example/\r\n${HOST}\r\n`, MALFORMED],
  'a method that Node does not know': [`X-OWN http://origin.example/ HTTP/1.1\r\n${HOST}\r\n`, MALFORMED],
  'a TLS ClientHello': ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', MALFORMED],
  'the preface of HTTP/2': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', MALFORMED],
  'a folded field': [`GET http://origin.example/ HTTP/1.1\r\n${HOST}A: b\r\n c\r\n\r\n`, MALFORMED],
  'a space before a colon': [`GET http://origin.example/ HTTP/1.1\r\nHost : x\r\n\r\n`, MALFORMED],
  'a NUL in a field': [`GET http://origin.example/ HTTP/1.1\r\n${HOST}A: b\0c\r\n\r\n`, MALFORMED],
  'a bare CR in a field': [`GET http://origin.example/ HTTP/1.1\r\n${HOST}A: b\rC: d\r\n\r\n`, MALFORMED],
  'a bare LF': [`GET http://origin.example/ HTTP/1.1\n${HOST}\n`, MALFORMED],
  'a field without a name': [`GET http://origin.example/ HTTP/1.1\r\n${HOST}: b\r\n\r\n`, MALFORMED],
  'Content-Length and Transfer-Encoding': [
    `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    MALFORMED,
  ],
  'Transfer-Encoding and Content-Length': [
    `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
    MALFORMED,
  ],
  'two different lengths': [`${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, MALFORMED],
  'two equal lengths': [`${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`, MALFORMED],
  'a list of lengths': [`${POST}Content-Length: 5, 5\r\n\r\nhello`, MALFORMED],
  'a negative length': [`${POST}Content-Length: -5\r\n\r\nhello`, MALFORMED],
  'a length with a sign': [`${POST}Content-Length: +5\r\n\r\nhello`, MALFORMED],
  'a hexadecimal length': [`${POST}Content-Length: 0x5\r\n\r\nhello`, MALFORMED],
  'gzip and chunked': [`${POST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, MALFORMED],
  'gzip and chunked on two lines': [
    `${POST}Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    MALFORMED,
  ],
  'chunked that is not last': [`${POST}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`, MALFORMED],
  'chunked twice': [`${POST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`, MALFORMED],
  'gzip alone': [`${POST}Transfer-Encoding: gzip\r\n\r\nhello`, MALFORMED],
  'chunks of an HTTP/1.0 client': [
    'POST http://origin.example/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    MALFORMED,
  ],
  identity: [`${POST}Transfer-Encoding: identity\r\n\r\n`, MALFORMED],
  'a transfer coding in disguise': [`${POST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`, MALFORMED],
  'an expectation of its own': [`${POST}Expect: 200-ok\r\nContent-Length: 5\r\n\r\n`, UNEXPECTED],
  'two expectations': [`${POST}Expect: 100-continue, x\r\nContent-Length: 5\r\n\r\n`, UNEXPECTED],
  '201 fields': [
    `GET http://origin.example/ HTTP/1.1\r\n${HOST}${'A: b\r\n'.repeat(200)}\r\n`,
    { ...TOO_LARGE, isKept: true },
  ],
  '5000 fields': [
    `GET http://origin.example/ HTTP/1.1\r\n${HOST}${'A: b\r\n'.repeat(5000)}\r\n`,
    { ...TOO_LARGE, isKept: true },
  ],
  'a head of 70 kB': [
    `GET http://origin.example/ HTTP/1.1\r\n${HOST}A: ${'b'.repeat(70_000)}\r\n\r\n`,
    TOO_LARGE,
  ],
  'a target of 40 kB': [`GET http://origin.example/${'b'.repeat(40_000)} HTTP/1.1\r\n${HOST}\r\n`, TOO_LONG],
  'a target of 70 kB': [`GET http://origin.example/${'b'.repeat(70_000)} HTTP/1.1\r\n${HOST}\r\n`, TOO_LONG],
  'a target of 1 MB, of which the end does not come': [
    `GET http://origin.example/${'b'.repeat(1_000_000)}`,
    TOO_LONG,
  ],
  'a Host that is none': ['GET http://origin.example/ HTTP/1.1\r\nHost: a b\r\n\r\n', MALFORMED],
};

for (const [title, [request, { status, reason, isKept = false }]] of Object.entries(REFUSED)) {
  // Attacks: no-dial, bounded.
  scene(`a request with ${title} is ${status}`, async (t, { proxy, client }) => {
    client.send(request);
    const answer = await readAnswer(client, { bodyless: false });
    t.equal(answer.status, status);
    t.match(answer.fields['proxy-status'], `t;error=http_request_error;details="${reason}"`);
    t.match(answer.body, `\nReason: ${reason}\n`);
    const [record] = await proxy.ended(1);
    t.match(record, { outcome: 'failed', reason, status, error: 'http_request_error', rule: undefined });
    t.equal(answer.fields['weir-transaction'], record?.transactionId);
    if (reason === TOO_LARGE.reason) {
      t.match(answer.body, HEAD_LIMITS, 'the client learns the limits');
      t.match(record?.detail, HEAD_LIMITS, 'and so do operators');
    }
    t.notMatch(JSON.stringify(record), /user:pass/);
    t.equal(answer.fields.connection, isKept ? 'keep-alive' : 'close');
    if (!isKept) {
      client.send('GET http://origin.example/ HTTP/1.1\r\nHost: x\r\n\r\n');
      client.end();
      await client.rest();
      await client.closed();
      t.equal(client.ending, 'end', 'FIN, no RST');
    }
    t.equal(proxy.records.length, 1);
    t.equal(proxy.proxy.context.tools.ledger.opened.upstream, 0, 'nobody was dialled');
  });
}

scene('200 fields are not too many', async (t, { origin, client, host }) => {
  const fields = Array.from({ length: 199 }, (_, i) => `X-${i}: ${i}`);
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n${fields.join('\r\n')}\r\n\r\n`);
  const far = await origin.accept();
  const got = await readAnswer(far);
  t.same(got.lines.slice(2, -1), fields);
  far.send('HTTP/1.1 204 No Content\r\n\r\n');
  t.equal((await readAnswer(client)).status, 204);
});

scene('a request without a body that is refused leaves the connection to the next', async (t, scene) => {
  const { proxy, origin, client, host } = scene;
  client.send('GET https://origin.example/ HTTP/1.1\r\nHost: x\r\n\r\n');
  t.equal((await readAnswer(client)).status, 501);
  client.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
  (await origin.accept()).send('HTTP/1.1 204 No Content\r\n\r\n');
  t.equal((await readAnswer(client)).status, 204);
  t.match(await proxy.ended(2), [{ status: 501 }, { status: 204 }]);
});

scene('who asks for JSON gets the refusal as application/problem+json', async (t, { proxy, client }) => {
  client.send('GET / HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n');
  const answer = await readAnswer(client);
  t.equal(answer.fields['content-type'], 'application/problem+json');
  const [record] = await proxy.ended(1);
  t.match(JSON.parse(answer.body), {
    status: 400,
    title: 'Malformed request (t)',
    hop: 't',
    reason: 'request_malformed',
    transaction_id: record?.transactionId,
  });
});

scene('a HEAD that is refused has the head of the refusal, and no body', async (t, { proxy, client }) => {
  for (let i = 1; i <= 2; i += 1) {
    client.send('HEAD https://origin.example/ HTTP/1.1\r\nHost: x\r\n\r\n');
    const answer = await readAnswer(client, { bodyless: true });
    t.equal(answer.status, 501);
    t.match(answer.fields['content-length'], /^[1-9]\d+$/);
    await proxy.ended(i);
    t.equal(client.received, '');
  }
});

scene('no clock is left of a request without a body that is refused', async (t, { proxy, client }) => {
  const { wheel } = proxy.proxy.context.tools;
  const before = wheel.size;
  client.send(`GET https://origin.example/ HTTP/1.1\r\n${HOST}\r\n`);
  t.equal((await readAnswer(client)).status, 501);
  await proxy.ended(1);
  t.equal(wheel.size, before, 'which would cut the connection while it is idle');
});
