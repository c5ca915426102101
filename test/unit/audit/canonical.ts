import fc from 'fast-check';
import t from 'tap';
import { bodyOf, type Fields, quote } from '#audit/canonical.ts';

/** RFC 8785 by the book, for what records are made of. */
function canonical(fields: Fields): string {
  const names = Object.keys(fields).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(fields[name])}`).join(',')}}`;
}

t.test('bodyOf() has the members in order, cut where the chain has its own', async (t) => {
  const fields = {
    why: 'w',
    client_ip: '10.0.0.1',
    port: 443,
    rule: 'r',
    reports: ['a', 'b'],
    gone: undefined,
  };
  t.equal(
    bodyOf(fields),
    '"client_ip":"10.0.0.1",\n"port":443,\n"reports":["a","b"],"rule":"r",\n,"why":"w"',
  );
  t.equal(bodyOf({}), '\n\n\n');
});

t.test('bodyOf() makes canonical JSON with what the chain adds', async (t) => {
  const name = fc.constantFrom(
    'client_ip',
    'hop',
    'port',
    'policy',
    'reason',
    'rule',
    'service_account',
    'time',
  );
  const value = fc.oneof(fc.string(), fc.nat(), fc.array(fc.string(), { maxLength: 3 }));
  fc.assert(
    fc.property(fc.dictionary(name, value), (fields) => {
      const [first, second, third, fourth] = bodyOf(fields).split('\n');
      const whole = `{${first}"hash":"h",${second}"prev":"p",${third}"seq":1${fourth}}`;
      t.equal(whole, canonical({ ...JSON.parse(whole), hash: 'h', prev: 'p', seq: 1 }));
      t.equal(Object.keys(JSON.parse(whole)).length, Object.keys(fields).length + 3);
    }),
    { seed: 7, numRuns: 300 },
  );
});

t.test('quote() leaves nothing that could break a line or colour a terminal', async (t) => {
  t.equal(quote('plain'), '"plain"');
  t.equal(quote('a"b\\c'), '"a\\"b\\\\c"');
  t.equal(quote('ünï'), '"ünï"');
  t.equal(quote('a\nb\u001b[2J\u0085\u202e\u2028\ud800'), '"a\ufffdb\ufffd[2J\ufffd\ufffd\ufffd\ufffd"');
  t.equal(quote('abcdef', 3), '"abc…"');
  t.equal(JSON.parse(quote('x'.repeat(600))).length, 513);
});
