import fc from 'fast-check';
import t from 'tap';
import { jsonLines } from '#pods/json-lines.ts';

const MAX = 100;

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string, size = 1000): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of jsonLines(inPieces(Buffer.from(text), size), MAX)) values.push(value);
  return values;
}

t.test('jsonLines() reads lines however they are cut', async (t) => {
  const values = [{ a: 'ä€😀' }, 1, 'x', null];
  const text = values.map((value) => `${JSON.stringify(value)}\n`).join('');
  for (let size = 1; size <= Buffer.byteLength(text); size += 1) t.same(await read(text, size), values);
});

t.test('jsonLines() reads any values', async (t) => {
  const line = fc.json({ maxDepth: 2 }).filter((json) => Buffer.byteLength(json) <= MAX);
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 50 }), async (lines, size) => {
      const text = lines.map((json) => `${json}\n`).join('');
      t.strictSame(
        JSON.stringify(await read(text, size)),
        JSON.stringify(lines.map((json) => JSON.parse(json))),
      );
    }),
    { seed: 6, numRuns: 100 },
  );
});

t.test('jsonLines() refuses what is no JSON, has no end, or is too long', async (t) => {
  t.same(await read(''), []);
  await t.rejects(read('{\n'), SyntaxError);
  await t.rejects(read('\n'), SyntaxError);
  await t.rejects(read('1\n2'), { message: 'The last line has no end' });
  await t.rejects(read(`"${'x'.repeat(MAX)}`, 7), { message: `A line has more than ${MAX} bytes` });
});
