import t from 'tap';
import { parseText } from '#config/document.ts';
import { type Flaw, formatProblem } from '#config/problems.ts';

function problems(text: string): string[] {
  return parseText(text, 'x.yaml').problems.map(formatProblem);
}

function placed(text: string, flaw: Partial<Flaw>): string {
  const { place } = parseText(text, 'x.yaml');
  return formatProblem(place({ path: [], at: 'value', message: 'Wrong', fix: 'Mend it', ...flaw }));
}

t.test('parseText() gives the value of YAML 1.2', async (t) => {
  const { value, problems } = parseText(
    'a: yes\nb: 08:00\nc: [1, 1025-65535]\nd: &x {e: ~}\nf: *x\n<<: {g: 1}\n',
    'x',
  );
  t.same(value, {
    a: 'yes',
    b: '08:00',
    c: [1, '1025-65535'],
    d: { e: null },
    f: { e: null },
    '<<': { g: 1 },
  });
  t.same(problems, []);
});

t.test('parseText() keeps to YAML 1.2 whatever the text says', async (t) => {
  t.same(parseText('%YAML 1.1\n---\na: yes\n', 'x').value, { a: 'yes' });
});

t.test('parseText() takes an empty text for no value', async (t) => {
  t.equal(parseText('# nothing\n', 'x').value, null);
});

const BROKEN: Readonly<Record<string, readonly [text: string, problem: string]>> = {
  'a bracket that is never closed': [
    'a: [1,\nb: 2\n',
    'x.yaml:2:1: Not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]. Check indentation, brackets and quotes',
  ],
  'a second document': [
    'a: 1\n---\nb: 2\n',
    'x.yaml:2:1: The file holds more than one YAML document. Keep one document per file, without a second "---"',
  ],
};

for (const [what, [text, problem]] of Object.entries(BROKEN)) {
  t.test(`parseText() goes no further after ${what}`, async (t) => {
    t.equal(problems(text)[0], problem);
    t.equal(parseText(text, 'x').value, undefined);
  });
}

t.test('parseText() tells only the first syntax errors', async (t) => {
  t.equal(problems('a: b: c\n'.repeat(50)).length, 10);
});

const DOUBTFUL: Readonly<Record<string, readonly [text: string, problem: string]>> = {
  'a duplicate key': ['a: 1\nb: 2\na: 3\n', 'x.yaml:3:1: Duplicate key. Keep one of the two'],
  'a name that YAML takes for a tag': [
    'deny: [!safe_ports]\n',
    'x.yaml:1:8: !safe_ports without quotes is a YAML tag. Write "!safe_ports" in quotes',
  ],
  'a key that would be a prototype': [
    'a:\n  __proto__: {b: 1}\n',
    'x.yaml:2:3: Key "__proto__" is not allowed. Choose another name',
  ],
};

for (const [what, [text, problem]] of Object.entries(DOUBTFUL)) {
  t.test(`parseText() reports ${what} and goes on`, async (t) => {
    t.same(problems(text), [problem]);
    t.not(parseText(text, 'x').value, undefined);
  });
}

t.test('parseText() goes on with what was meant by a tag', async (t) => {
  t.same(parseText('deny: [!safe_ports, !x y, !z {}, ""]\n', 'x').value, {
    deny: ['!safe_ports', 'y', {}, ''],
  });
});

t.test('parseText() reports an alias without anchor', async (t) => {
  t.equal(
    problems('a: 1\nb: *.microsoft.com\n')[0],
    'x.yaml:2:4: Alias *.microsoft.com has no anchor. Define &.microsoft.com before it, or quote the text',
  );
});

// Attacks: bounded.
t.test('parseText() refuses aliases that multiply', async (t) => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i += 1)
    lines.push(
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`,
    );
  const { value, problems } = parseText(lines.join('\n'), 'x.yaml');
  t.equal(value, undefined);
  t.match(problems.at(-1), { line: 1, column: 1, fix: 'Write the values out' });
});

// Attacks: bounded.
t.test('parseText() survives absurd nesting', async (t) => {
  t.equal(parseText('['.repeat(20_000), 'x').value, undefined);
  for (const text of ['[', '{a: ', '- ']) {
    const [problem, ...more] = problems(text.repeat(5000));
    const said =
      'Brackets or lines are nested too deeply to be read. No setting needs more than a few levels';
    t.equal(problem?.replace(/^x\.yaml:1:\d+: /, ''), said);
    t.same(more, []);
  }
  t.doesNotThrow(() => parseText(`${'['.repeat(5000)}${']'.repeat(5000)}`, 'x'));
});

const TEXT = `
a:
  b: [x, "y z", {c: 1}]
  d:
  e: &list [p, q]
  f: *list
"g h": >
  folded
  text
7: seven
`;

const PLACES: Readonly<Record<string, readonly [flaw: Partial<Flaw>, line: string]>> = {
  'a plain text': [{ path: ['a', 'b', 0] }, 'x.yaml:3:7: a.b[0]: Wrong (value "x"). Mend it'],
  'a quoted text': [{ path: ['a', 'b', 1] }, 'x.yaml:3:10: a.b[1]: Wrong (value "y z"). Mend it'],
  'a number': [{ path: ['a', 'b', 2, 'c'] }, 'x.yaml:3:21: a.b[2].c: Wrong (value 1). Mend it'],
  'a mapping': [{ path: ['a', 'b', 2] }, 'x.yaml:3:17: a.b[2]: Wrong (value {c: 1}). Mend it'],
  'a key': [{ path: ['a', 'b'], at: 'key' }, 'x.yaml:3:3: a.b: Wrong. Mend it'],
  'an element, which has no key': [{ path: ['a', 'b', 0], at: 'key' }, 'x.yaml:3:7: a.b[0]: Wrong. Mend it'],
  'a key without value': [{ path: ['a', 'd'] }, 'x.yaml:4:5: a.d: Wrong. Mend it'],
  'a missing key, by its mapping': [{ path: ['a', 'z'] }, 'x.yaml:3:3: a.z: Wrong. Mend it'],
  'a key inside what is no mapping': [
    { path: ['a', 'b', 0, 'z', 'y'] },
    'x.yaml:3:7: a.b[0].z.y: Wrong. Mend it',
  ],
  'an element behind an alias': [{ path: ['a', 'f', 1] }, 'x.yaml:5:16: a.f[1]: Wrong (value "q"). Mend it'],
  'a long text': [{ path: ['g h'] }, 'x.yaml:7:8: ["g h"]: Wrong (value "folded text\\n"). Mend it'],
  'a key that is no text': [{ path: ['7'] }, 'x.yaml:10:4: 7: Wrong (value "seven"). Mend it'],
  'the file as a whole': [{ at: 'key' }, 'x.yaml:2:1: Wrong. Mend it'],
};

for (const [what, [flaw, line]] of Object.entries(PLACES)) {
  t.test(`place() finds ${what}`, async (t) => {
    t.equal(placed(TEXT, flaw), line);
  });
}

t.test('place() has a place even in an empty text', async (t) => {
  t.equal(placed('', { path: ['a'] }), 'x.yaml:1:1: a: Wrong. Mend it');
  t.equal(placed('', {}), 'x.yaml:1:1: Wrong. Mend it');
});

t.test('place() means the last of two duplicate keys, as the value does', async (t) => {
  t.equal(placed('a: 1\na: 2\n', { path: ['a'] }), 'x.yaml:2:4: a: Wrong (value 2). Mend it');
});

t.test('place() gives the mapping for a key that is a collection', async (t) => {
  t.equal(placed('? [a]\n: 1\n', { path: ['[ a ]'] }), 'x.yaml:1:1: ["[ a ]"]: Wrong. Mend it');
});
