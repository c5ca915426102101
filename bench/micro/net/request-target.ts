/**
 * `node bench/micro/net/request-target.ts`: what is read from the head of a request before anything is decided: its target,
 * and the fields that go on to the next hop. First proves what comes out.
 */
import assert from 'node:assert/strict';
import { endToEnd, FieldNames, listOf, tokensOf, valuesOf } from '#net/headers.ts';
import { hostField, parseRequestTarget } from '#net/request-target.ts';
import { compileOutward } from '#proxy/outward.ts';
import { freshText } from '../chance.ts';
import { measure } from '../measure.ts';

const TEXTS = 1024;
const NONE = new FieldNames([]);
/** What does not leave where the configuration says nothing of it. */
const { without: BY_DEFAULT } = compileOutward({ via: true, forwarded: false, strip: [] });

const textsOf = (make: (index: number) => string): readonly string[] =>
  Array.from({ length: TEXTS }, (_, index) => freshText(make(index)));

const authorities = textsOf((index) => `login${index}.microsoft.com:443`);
const urls = textsOf((index) => `http://www${index}.example.com:8080/a/path/${index}?with=a&query=${index}`);

/** As a client on the JVM, which sends more than most, asks. */
const heads = Array.from({ length: TEXTS }, (_, index) =>
  [
    ['Host', `www${index}.example.com:8080`],
    ['User-Agent', 'Apache-HttpClient/5.2 (Java/21)'],
    ['Accept', 'application/json, */*;q=0.5'],
    ['Accept-Encoding', 'gzip, deflate'],
    ['Authorization', `Bearer ${'x'.repeat(200)}${index}`],
    ['Content-Type', 'application/json'],
    ['Content-Length', String(1000 + index)],
    ['traceparent', `00-4bf92f3577b34da6a3ce929d0e0e47${index % 10}-00f067aa0ba902b7-01`],
    ['Connection', 'keep-alive'],
    ['Proxy-Connection', 'keep-alive'],
  ]
    .flat()
    .map(freshText),
);

/** As a service of a mesh asks: fields of its own, beside those that tell of the inside. */
const meshHeads = Array.from({ length: TEXTS }, (_, index) =>
  [
    ['Host', `www${index}.example.com:8080`],
    ['Accept', '*/*'],
    ['X-Request-Id', `4bf92f35-77b3-4da6-a3ce-929d0e0e${index}`],
    ['X-B3-TraceId', '463ac35c9f6413ad48485a3953bb6124'],
    ['X-B3-SpanId', '0020000000000001'],
    ['X-B3-Sampled', '1'],
    ['X-Api-Key', 'x'.repeat(40)],
    ['X-Tenant', `tenant-${index}`],
    ['X-Forwarded-Proto', 'http'],
    ['X-Envoy-Attempt-Count', '1'],
  ]
    .flat()
    .map(freshText),
);

const of = <Value>(values: readonly Value[], index: number): Value => values[index & (TEXTS - 1)] as Value;

assert.equal(
  parseRequestTarget('CONNECT', 'Login.Microsoft.com:443').authority.text,
  'login.microsoft.com:443',
);
const target = parseRequestTarget('GET', of(urls, 7));
assert.equal(hostField(target), 'www7.example.com:8080');
assert.equal(target.path, '/a/path/7?with=a&query=7');
assert.deepEqual(valuesOf(of(heads, 7), 'host'), ['www7.example.com:8080']);
assert.equal(endToEnd(of(heads, 7), NONE).length, 16);
assert.equal(endToEnd(of(heads, 7), BY_DEFAULT).length, 14);
assert.equal(endToEnd(of(meshHeads, 7), BY_DEFAULT).length, 14);

measure('request head', [
  {
    name: 'parseRequestTarget(), CONNECT',
    call: (index) => parseRequestTarget('CONNECT', of(authorities, index)).authority.port === 443,
  },
  {
    name: 'parseRequestTarget(), GET',
    call: (index) => parseRequestTarget('GET', of(urls, index)).authority.port === 8080,
  },
  { name: 'hostField()', call: () => hostField(target).length > 0 },
  {
    name: 'valuesOf(), Host of ten fields',
    call: (index) => valuesOf(of(heads, index), 'host').length === 1,
  },
  {
    name: 'what framing and expectations are read from',
    call: (index) => {
      const head = of(heads, index);
      const codings = tokensOf(head, 'transfer-encoding').length;
      const expected = tokensOf(head, 'expect').length;
      return codings + expected === 0 && listOf(head, 'weir-transaction') === undefined;
    },
  },
  { name: 'endToEnd(), ten fields', call: (index) => endToEnd(of(heads, index), NONE).length === 16 },
  {
    name: 'endToEnd(), ten fields to an origin',
    call: (index) => endToEnd(of(heads, index), BY_DEFAULT).length === 14,
  },
  {
    name: 'endToEnd(), of a mesh, to an origin',
    call: (index) => endToEnd(of(meshHeads, index), BY_DEFAULT).length === 14,
  },
]);
