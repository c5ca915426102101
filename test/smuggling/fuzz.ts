/**
 * Requests and answers that are put together of pieces of framing and then damaged, byte by byte: whatever comes of it, the origin sees
 * nothing that could be read in two ways and no request that was not asked of the proxy, and no client gets an answer of another.
 */
import fc from 'fast-check';
import t from 'tap';
import { startChain, through } from '../fixtures/chain.ts';
import { owned } from '../fixtures/owned.ts';
import { INNER_ANSWER } from '../fixtures/smuggled-answers.ts';
import { INNER } from '../fixtures/smuggled-requests.ts';
import { playAnswer, playMixed } from '../fixtures/smuggling.ts';

const RUNS = 120;

const framing = (inner: string) =>
  fc
    .array(
      fc.constantFrom(
        'Content-Length: 0',
        'Content-Length: 5',
        `Content-Length: ${inner.length + 5}`,
        'Content-Length: 00',
        'Content-Length:5',
        'Transfer-Encoding: chunked',
        'Transfer-Encoding: identity',
        'Transfer-Encoding:chunked',
        'Connection: close',
        'Connection: Content-Length, X',
        'X: y',
        'Expect: 100-continue',
        'Upgrade: h2c',
        'Trailer: X',
      ),
      { maxLength: 4 },
    )
    .map((lines) => lines.map((line) => `${line}\r\n`).join(''));

const body = (inner: string) =>
  fc.constantFrom(
    inner,
    `0\r\n\r\n${inner}`,
    `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`,
    `1;a=b\r\nx\r\n0\r\nX: y\r\n\r\n${inner}`,
    `hello${inner}`,
    `\r\n${inner}`,
  );

const NASTY = fc.constantFrom(
  '\0',
  '\t',
  '\n',
  '\r',
  '\r\n',
  '\r\n ',
  ' ',
  '\x0b',
  '\x7f',
  '\xa0',
  ':',
  ';',
  ',',
  '0',
  'x',
  '"',
);
/** Where, as a share of the whole, and what is put there. */
const DAMAGE = fc.array(fc.tuple(fc.double({ min: 0, max: 0.999, noNaN: true }), NASTY), { maxLength: 3 });

function damaged(text: string, damage: readonly (readonly [number, string])[]): string {
  return damage.reduce((sum, [share, what]) => {
    const at = Math.floor(share * sum.length);
    return sum.slice(0, at) + what + sum.slice(at);
  }, text);
}

/** Whether it is the request that was smuggled, which may be damaged too. */
const isInner = (line: string): boolean => /^\w+ \/[^f]*m/.test(line);

const REQUEST = fc
  .tuple(
    fc.constantFrom('GET', 'POST', 'OPTIONS'),
    fc.constantFrom('1.1', '1.0'),
    framing(INNER),
    body(INNER),
  )
  .map(
    ([method, version, fields, text]) =>
      `${method} http://HOST/first HTTP/${version}\r\nHost: HOST\r\n${fields}\r\n${text}`,
  );

const ANSWER = fc
  .tuple(
    fc.constantFrom('200 OK', '204 No Content', '304 Not Modified', '103 Hints'),
    framing(INNER_ANSWER),
    body(INNER_ANSWER),
  )
  .map(([status, fields, text]) => `HTTP/1.1 ${status}\r\n${fields}\r\n${text}`);

for (const length of [1, 2] as const) {
  t.test(`requests ${through(length)}`, async (t) => {
    const { port } = owned(t, await startChain(length));
    await fc.assert(
      fc.asyncProperty(REQUEST, DAMAGE, async (request, damage) => {
        const { lines } = await playMixed(port, damaged(request, damage));
        if (lines.length > 1 || lines.some((line) => isInner(line))) throw new Error(lines.join(' | '));
      }),
      { seed: 20_261_128, numRuns: RUNS },
    );
    t.pass(`${RUNS} requests`);
  });

  t.test(`answers ${through(length)}`, async (t) => {
    const { port } = owned(t, await startChain(length));
    await fc.assert(
      fc.asyncProperty(ANSWER, DAMAGE, async (answer, damage) => {
        const [, ...later] = await playAnswer(port, { bytes: damaged(answer, damage), lingerMs: 20 });
        const bodies = later.map((one) => one?.body);
        if (bodies.some((body) => body?.startsWith('later ') !== true)) throw new Error(bodies.join());
      }),
      { seed: 20_261_128, numRuns: RUNS },
    );
    t.pass(`${RUNS} answers`);
  });
}
