import fc from 'fast-check';
import t from 'tap';
import { findsInAuthority, withoutCapitals } from '#migrate/authority-expression.ts';
import { toRe2 } from '#migrate/posix-expression.ts';

t.setTimeout(120_000);

interface Finds {
  readonly ports?: readonly (number | string)[];
  readonly names?: readonly string[];
  readonly pairs?: readonly { readonly name: string; readonly ports: readonly (number | string)[] }[];
}

const FINDS: Readonly<Record<string, Finds | undefined>> = {
  '\\.exe$': {},
  'example\\.com$': {},
  '^http://': {},
  Evil: {},
  facebook: { names: ['facebook'] },
  'a|b$': { names: ['a'] },
  ':443$': { ports: [443] },
  '8080$': { ports: [8080, 18_080, 28_080, 38_080, 48_080, 58_080] },
  '.+:(80|443)$': { ports: [80, 443] },
  '.*': { ports: ['1-65535'] },
  'x*': { ports: ['1-65535'] },
  '\\.com:443': { pairs: [{ name: '\\.com$', ports: [443, '4430-4439', '44300-44399'] }] },
  '\\.com(:[0-9]+)?$': { names: ['\\.com$'] },
  '^[0-9.]+:443$': { pairs: [{ name: '^[0-9.]+$', ports: [443] }] },
  // Of names none; of IPv6 addresses there may be one.
  '::1$': { pairs: [{ name: '^$', ports: [1] }] },
  'a:': { names: ['^$', 'a$'] },
  // In too many ports.
  '80': undefined,
  '.{20}': undefined,
};

for (const [text, finds] of Object.entries(FINDS)) {
  t.test(`findsInAuthority(): ${text}`, async (t) => {
    const whole = finds && { ports: [], names: [], pairs: [], ...finds };
    t.same(findsInAuthority(text, false), whole);
  });
}

t.test('withoutCapitals() finds the same in names', async (t) => {
  t.equal(withoutCapitals('[A-Z]'), undefined);
  t.equal(withoutCapitals('(Foo|bar)$'), '(bar)$');
});

const atom = fc.constantFrom('a', 'b', '4', ':', '.', '[a4]', '[^a]', '[:b]', 'x', '\\.', '\\w');
const repeat = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}');
const row = fc.array(fc.tuple(atom, repeat), { minLength: 1, maxLength: 4 });
const expression = fc
  .tuple(fc.constantFrom('', '^'), row, fc.option(row), fc.constantFrom('', '$'))
  .map(([start, first, second, end]) => {
    const texts = [first, ...(second === null ? [] : [second])].map((parts) => parts.flat().join(''));
    return `${start}${texts.length > 1 ? `(${texts.join('|')})` : texts[0]}${end}`;
  });
const authority = fc.tuple(
  fc.string({ unit: fc.constantFrom('a', 'b', '4', '.'), minLength: 1, maxLength: 5 }),
  fc.constantFrom(4, 44, 80, 4444, 14),
);

/** Whether one of the texts is found. */
function isFound(texts: readonly string[], text: string): boolean {
  return texts.some((one) => new RegExp(one).test(text));
}

function isListed(ports: readonly (number | string)[], port: number): boolean {
  return ports.some((one) => {
    const [first = 0, last = first] = String(one).split('-').map(Number);
    return port >= first && port <= last;
  });
}

t.test('findsInAuthority() says what the expression finds in host:port', async (t) => {
  const tally = { judged: 0, found: 0 };
  fc.assert(
    fc.property(expression, authority, (source, [host, port]) => {
      const text = toRe2(source);
      const finds = text === undefined ? undefined : findsInAuthority(text, false);
      if (text === undefined || finds === undefined) return;
      const expected = new RegExp(text).test(`${host}:${port}`);
      const { ports, names, pairs } = finds;
      const got =
        isListed(ports, port) ||
        isFound(names, host) ||
        pairs.some((pair) => isFound([pair.name], host) && isListed(pair.ports, port));
      tally.judged += 1;
      tally.found += Number(expected);
      if (got !== expected) throw new Error(`${source} in ${host}:${port}: ${JSON.stringify(finds)}`);
    }),
    { seed: 20_261_128, numRuns: 120 },
  );
  t.ok(tally.judged > 90, `${tally.judged} were judged`);
  t.ok(tally.found > 35, `${tally.found} were found`);
});
