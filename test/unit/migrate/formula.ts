import t from 'tap';
import {
  ALWAYS,
  and,
  type Formula,
  FormulaTooLarge,
  judgedForAllow,
  judgedForDeny,
  NEVER,
  not,
  or,
} from '#migrate/formula.ts';

/** `a & !b | ?c`: alternatives; `?` is unknown. */
function read(text: string): Formula {
  return text.split('|').map((alternative) =>
    alternative.split('&').map((word) => {
      const [, bang, name = ''] = /^(!?)(.*)$/.exec(word.trim()) ?? [];
      const literal = { acl: name, isNegated: bang === '!' };
      return name.startsWith('?') ? { ...literal, unknown: 'why' } : literal;
    }),
  );
}

function write(formula: Formula): string {
  return formula
    .map((one) => one.map(({ acl, isNegated }) => (isNegated ? '!' : '') + acl).join(' & '))
    .join(' | ');
}

t.test('and(), or() and not() keep to what they mean', async (t) => {
  t.equal(write(and(read('a | b'), read('!c'))), 'a & !c | b & !c');
  t.equal(write(and(read('a'), read('a'))), 'a', 'each once');
  t.same(and(read('a'), read('!a')), NEVER, 'what contradicts itself never holds');
  t.same(and(), ALWAYS);
  t.same(or(), NEVER);
  t.same(or(read('a'), ALWAYS), ALWAYS);
  t.equal(write(not(read('a & b | c'))), '!a & !c | !b & !c');
  t.same(not(NEVER), ALWAYS);
  t.same(not(ALWAYS), NEVER);
});

t.test('and() and or() do not grow without bounds', async (t) => {
  const wide = read(Array.from({ length: 40 }, (_, index) => `a${index}`).join('|'));
  const other = read(Array.from({ length: 40 }, (_, index) => `b${index}`).join('|'));
  t.throws(() => and(wide, other), FormulaTooLarge);
  t.throws(() => or(wide, other), FormulaTooLarge);
});

t.test('what is unknown lets nothing through', async (t) => {
  t.equal(write(judgedForAllow(read('a & ?b | c')).formula), 'c', 'an alternative less to allow');
  t.equal(write(judgedForAllow(read('a & !?b | c')).formula), 'c', 'negated or not');
  t.equal(write(judgedForDeny(read('a & ?b | c')).formula), 'a | c', 'a condition less to deny');
  t.same(judgedForDeny(read('?b')).formula, ALWAYS, 'nothing known: everything is denied');
  t.same([...judgedForDeny(read('a & ?b')).unknown], [['?b', 'why']]);
});
