/**
 * A plain GET that comes in one piece is read and answered by Weir itself, any other by Node's HTTP: who does it makes no
 * difference to what the client, the origin and the record are told.
 */
import { createHash } from 'node:crypto';
import t from 'tap';
import type { RecordEntry } from '#record/entry.ts';
import { RawClient } from '../fixtures/client.ts';
import { type RawOrigin, rawOrigin } from '../fixtures/origin.ts';
import { sendCut, startProxy, yamlOf } from '../fixtures/proxy.ts';
import { eventually } from '../fixtures/within.ts';

const GET = 'GET http://ORIGIN/x?secret HTTP/1.1\r\nHost: ORIGIN\r\nCookie: a\r\n\r\n';
const HEAD = GET.replace('GET', 'HEAD');

/** Of one exchange: what is asked, what the origin answers, and whether it ends its connection then. */
interface Play {
  readonly asks: string;
  /** Undefined: it is not asked. */
  readonly answers: readonly string[] | undefined;
  readonly ends?: 'fin' | 'rst';
}

const PLAYS: Readonly<Record<string, Play>> = {
  'an answer of known length': { asks: GET, answers: ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'] },
  'an answer with a date of its own': {
    asks: GET,
    answers: ['HTTP/1.1 200 Fine\r\nDate: x\r\nVia: 1.1 a\r\nX: \xe4\r\nContent-Length: 2\r\n\r\n', 'hi'],
  },
  'an answer without a body': {
    asks: GET,
    answers: ['HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n'],
  },
  'an answer that is not modified': {
    asks: GET,
    answers: ['HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n'],
  },
  'an empty answer': { asks: GET, answers: ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'] },
  'an answer in chunks': {
    asks: GET,
    answers: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '2\r\nhi\r\n', '0\r\n\r\n'],
  },
  'an answer in chunks with trailers': {
    asks: GET,
    answers: [
      'HTTP/1.1 200 OK\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n',
      '2\r\nhi\r\n0\r\nX: y\r\n\r\n',
    ],
  },
  'a large answer': {
    asks: GET,
    answers: [`HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${'0123456789'.repeat(30_000)}`],
  },
  'a large answer in one chunk': {
    asks: GET,
    answers: [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
      `493e0\r\n${'0123456789'.repeat(30_000)}\r\n0\r\n\r\n`,
    ],
  },
  'an answer until the end': { asks: GET, answers: ['HTTP/1.1 200 OK\r\n\r\nhi', ' there'], ends: 'fin' },
  'an answer to HEAD': { asks: HEAD, answers: ['HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n'] },
  'a request with a body': {
    asks: 'POST http://ORIGIN/x HTTP/1.1\r\nHost: ORIGIN\r\nContent-Length: 5\r\n\r\nhello',
    answers: ['HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nhi'],
  },
  'a request with an empty body': {
    asks: 'PUT http://ORIGIN/x HTTP/1.1\r\nHost: ORIGIN\r\nContent-Length: 0\r\n\r\n',
    answers: ['HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nhi'],
  },
  'a body that is denied': {
    asks: 'POST http://10.0.0.1/ HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello',
    answers: undefined,
  },
  'an answer to HEAD in chunks': {
    asks: HEAD,
    answers: ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
  },
  'interim answers': {
    asks: GET,
    answers: ['HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'],
  },
  'an answer that breaks off': {
    asks: GET,
    answers: ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi'],
    ends: 'fin',
  },
  'an answer that is reset': {
    asks: GET,
    answers: ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi'],
    ends: 'rst',
  },
  'no answer': { asks: GET, answers: [], ends: 'fin' },
  'an answer that is none': { asks: GET, answers: ['SSH-2.0-x\r\n\r\n'] },
  'a 101 that nobody asked for': {
    asks: GET,
    answers: ['HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
  },
  'a denial': { asks: 'GET http://10.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n', answers: undefined },
  'a denial in JSON': {
    asks: 'GET http://10.0.0.1/ HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n',
    answers: undefined,
  },
  'a denial of a HEAD': { asks: 'HEAD http://10.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n', answers: undefined },
  'no Host field': { asks: 'GET http://ORIGIN/ HTTP/1.1\r\nA: b\r\n\r\n', answers: undefined },
  'a port that is none': {
    asks: 'GET http://a.example:99999/ HTTP/1.1\r\nHost: x\r\n\r\n',
    answers: undefined,
  },
  'more than 200 fields': {
    asks: `GET http://ORIGIN/ HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(201)}\r\n`,
    answers: undefined,
  },
};

const OWN =
  /Weir-Transaction: \S+|Transaction: \S+|Content-Length: \d+|"transaction_id":"[^"]*"|Date: [^\r]* GMT|origin.example:\d+|via: [^\r]*/gi;

const LARGE = /(?:[0-9]|\r\n){300000,}/;

interface Told {
  readonly answer: string;
  readonly ending: string;
  readonly request: string;
  readonly record: object;
}

/** The digits of a large body, chunked or not, as their hash. */
const digitsOf = (text: string): string =>
  createHash('sha256').update(text.replace(/\r\n/g, '')).digest('hex');

const lengthOf = (head: string): number => Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);

async function playOrigin(origin: RawOrigin, { answers = [], ends }: Play): Promise<string> {
  const far = await origin.accept();
  const head = await far.head();
  const request = head + (await far.until((body) => body.length >= lengthOf(head)));
  for (const answer of answers) {
    far.send(answer);
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (ends === 'fin') far.end();
  if (ends === 'rst') far.reset();
  return request;
}

/** Asks, with `cut` bytes sent before the rest, and then for another answer on the same connection, or to its end. */
async function ask(origin: RawOrigin, play: Play, cut: number): Promise<Told> {
  await using proxy = await startProxy(yamlOf());
  await using client = await RawClient.connect(proxy.port);
  const text = play.asks.replaceAll('ORIGIN', `origin.example:${origin.port}`);
  await sendCut(proxy, client, [text.slice(0, cut), text.slice(cut)].filter(Boolean));
  const request = play.answers === undefined ? '' : await playOrigin(origin, play);
  const port = client.socket.localPort;
  const first = (): RecordEntry | undefined => proxy.records.find(({ clientPort }) => clientPort === port);
  await eventually(() => first() !== undefined, 'its record');
  client.send('GET http://10.0.0.9/last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  const answer = await client.rest();
  client.end();
  const { outcome, reason, status, rule, url, bytesToClient, closedBy, detail } = first() as RecordEntry;
  return {
    // Where chunks begin and end is a matter of time.
    answer: answer
      .replace(OWN, '')
      .replace(/\r\n[0-9a-f]{1,5}(?=\r\n)/g, '')
      .replace(LARGE, digitsOf),
    ending: client.ending,
    request: request.replace(OWN, ''),
    record: {
      ...{ outcome, reason, status, rule, url: url?.replace(OWN, ''), closedBy },
      hasDetail: detail !== undefined,
      hasBytes: bytesToClient > 0,
    },
  };
}

for (const [what, play] of Object.entries(PLAYS)) {
  t.test(`${what} is the same by both`, async (t) => {
    await using origin = await rawOrigin();
    const byWeir = await ask(origin, play, play.asks.length + 100);
    const byNode = await ask(origin, play, 5);
    t.same(byWeir, byNode);
    t.match(byWeir.answer, /^HTTP\/1\.1 \d\d\d /);
  });
}
