import t from 'tap';
import { z } from 'zod';
import {
  aclReference,
  connections,
  duration,
  durationOrZero,
  key,
  list,
  listenAddress,
  name,
  networks,
  parsed,
  reference,
  sourceAddress,
  wholeNumber,
  workers,
} from '#config/schema-values.ts';

function messages(schema: z.ZodType, value: unknown): string[] {
  return schema.safeParse(value).error?.issues.map(({ message }) => message) ?? [];
}

t.test('key() keeps what documentation needs, and changes nothing else', async (t) => {
  const schema = key(z.string(), 'What it means', 'x');
  t.same(schema.meta(), { description: 'What it means', example: 'x' });
  t.equal(schema.parse('y'), 'y');
});

t.test('parsed() gives the value of the parse function, or its complaint', async (t) => {
  const schema = parsed(z.string(), (text) => {
    if (text === '') throw new Error('Nothing there, write something');
    return text.length;
  });
  t.equal(schema.parse('abc'), 3);
  t.same(messages(schema, ''), ['Nothing there, write something']);
});

t.test('list() is never empty', async (t) => {
  t.same(list(z.string()).parse(['a']), ['a']);
  t.equal(messages(list(z.string()), []).length, 1);
});

t.test('name has only characters that need no escape anywhere', async (t) => {
  for (const good of ['a', 'vm-a', '0._-', 'constructor']) t.equal(name.parse(good), good);
  for (const [bad, cure] of [
    ['', 'one such as "t1"'],
    ['A', '"a"'],
    ['Login.Microsoft.COM', '"login.microsoft.com"'],
    ['a b', '"a-b"'],
    ['!a', '"-a"'],
    ['ä', 'one such as "t1"'],
    ['a\n', '"a-"'],
  ] as const) {
    t.same(
      messages(name, bad),
      [`A name has only the characters a-z, 0-9, ".", "_" and "-", write ${cure}`],
      JSON.stringify(bad),
    );
  }
});

t.test('references take any text: whether it exists is asked elsewhere', async (t) => {
  t.equal(reference.parse('No Such'), 'No Such');
  t.equal(aclReference.parse('!x'), '!x');
});

t.test('listenAddress is an address and a port', async (t) => {
  t.match(listenAddress.parse('127.0.0.1:80'), { ip: { text: '127.0.0.1' }, port: 80 });
  t.match(messages(listenAddress, 'localhost:80'), [/^Address "localhost:80" cannot be listened on/]);
});

t.test('sourceAddress is an address that something can begin at', async (t) => {
  t.match(sourceAddress.parse('10.0.0.5'), { text: '10.0.0.5' });
  for (const bad of ['0.0.0.0', '::', 'localhost', '10.0.0.5:80']) {
    const fix = 'write an IP address of this host such as "10.0.0.5"';
    t.same(messages(sourceAddress, bad), [`Address "${bad}" cannot be connected from, ${fix}`]);
  }
});

t.test('connections are a whole number of at least one', async (t) => {
  t.equal(connections.parse(1), 1);
  for (const bad of [0, -1, 1.5]) {
    const fix = 'write a whole number of at least 1';
    t.same(messages(connections, bad), [`Number "${bad}" is no number of connections, ${fix}`]);
  }
});

t.test('wholeNumber() says what is wrong with another in the words given, once', async (t) => {
  const schema = wholeNumber(9, { tooSmall: 'small', tooGreat: 'great' });
  t.equal(schema.parse(9), 9);
  t.same(
    [0, -1e300, 10, 1e300].map((bad) => messages(schema, bad)),
    [['small'], ['small'], ['great'], ['great']],
  );
  t.match(schema.safeParse(1.5).error?.issues, [{ code: 'invalid_type', expected: 'int' }]);
  t.match(z.toJSONSchema(schema), { type: 'integer', minimum: 1, maximum: 9 });
});

t.test('duration is in milliseconds, and zero only where it makes sense', async (t) => {
  t.equal(duration.parse('1s'), 1000);
  t.equal(durationOrZero.parse('0s'), 0);
  t.same(messages(duration, '0s'), ['Duration "0s" is too short, write at least "1ms"']);
  t.match(messages(duration, '5'), [/^Duration "5" cannot be read/]);
});

t.test('workers takes a number or auto, and says what to write for anything else', async (t) => {
  t.same(
    [3, '3', 'auto'].map((value) => workers.parse(value)),
    [3, 3, 'auto'],
  );
  t.match(messages(workers, 65), [/from 1 to 64/]);
  t.match(messages(workers, 'many'), [/"many".*from 1 to 64/]);
  t.match(workers.safeParse([]).error?.issues, [{ code: 'invalid_union' }]);
});

t.test('networks are a list of networks', async (t) => {
  t.match(networks.parse(['10.0.0.0/8']), [{ text: '10.0.0.0/8' }]);
});
