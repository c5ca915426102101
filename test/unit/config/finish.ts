import t from 'tap';
import { parse } from 'yaml';
import { finish } from '#config/finish.ts';
import type { Flaw, Problem } from '#config/problems.ts';
import { configSchema } from '#config/schema.ts';
import { NO_FILES } from '../../fixtures/companions.ts';

const ORIGIN = { file: '/etc/weir/t.yaml', digest: 'd1' };
const OPEN = configSchema.parse(
  parse(`
name: t
listeners: [{ name: main, address: 0.0.0.0:1 }]
access: [{ name: r, allow: [all] }]
routes: [{ name: out, direct: true }]`),
);

const place = ({ message, fix }: Flaw): Problem => ({
  ...{ file: 't.yaml', line: 1, column: 2, path: 'p', value: undefined },
  ...{ message, fix },
});

t.test('finish() refuses an open proxy where it is to be served', async (t) => {
  const told = { message: /^t\.yaml:1:2: p: Listener "main" is an open proxy: rule "r" lets strangers/ };
  t.throws(() => finish(OPEN, NO_FILES, { ...ORIGIN, isServed: true, place }), told);
});

t.test('finish() gives the configuration where it is not, or where it is meant', async (t) => {
  t.equal(finish(OPEN, NO_FILES, { ...ORIGIN, isServed: false, place }).name, 't');
  t.equal(finish({ ...OPEN, openProxy: true }, NO_FILES, { ...ORIGIN, isServed: true, place }).name, 't');
});
