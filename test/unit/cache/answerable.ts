import t from 'tap';
import { cacheUse, isAnswerable, isUnsafe } from '#cache/answerable.ts';

t.test('isUnsafe() takes unknown methods for unsafe', async (t) => {
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE']) t.equal(isUnsafe(method), false, method);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'PURGE']) t.equal(isUnsafe(method), true, method);
});

t.test('isAnswerable() takes GET and HEAD alone', async (t) => {
  for (const method of ['GET', 'HEAD']) t.equal(isAnswerable(method, ['Host', 'a']), true, method);
  for (const method of ['get', 'POST', 'PUT', 'OPTIONS', 'TRACE', 'LOCK'])
    t.equal(isAnswerable(method, []), false, method);
});

t.test(
  'cacheUse() passes by what switches protocols, and lets what may change something be told',
  async (t) => {
    t.equal(cacheUse('GET', [], undefined), 'answer');
    t.equal(cacheUse('GET', [], 'websocket'), 'bypass');
    t.equal(cacheUse('OPTIONS', [], undefined), 'bypass');
    t.equal(cacheUse('POST', [], undefined), 'invalidate');
    t.equal(cacheUse('POST', [], 'websocket'), 'invalidate');
  },
);

for (const [name, value, isTaken] of [
  ['Content-Length', '0', true],
  ['Content-Length', '1', false],
  ['content-length', '12', false],
  ['Transfer-Encoding', 'chunked', false],
  ['Expect', '100-continue', false],
  ['EXPECT', '', false],
  ['Trailer', 'X-Sum', false],
  ['Range', 'bytes=0-1', true],
  ['Cache-Control', 'no-store', true],
  ['Accept', '*/*', true],
] as const) {
  t.test(`isAnswerable() ${isTaken ? 'takes' : 'leaves'} a request with ${name}: ${value}`, async (t) => {
    t.equal(isAnswerable('GET', ['Host', 'a', name, value]), isTaken);
  });
}
