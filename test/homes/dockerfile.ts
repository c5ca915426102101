/**
 * The Dockerfile by its structure, which needs no engine: pinned base, no root, nothing that its user can write, Node as process
 * 1, and a build context of only what the image is made of.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

const ROOT = join(import.meta.dirname, '../..');

interface Instruction {
  readonly name: string;
  readonly value: string;
}

/** The instructions in order, continued lines joined, comments left out. */
function instructionsOf(text: string): readonly Instruction[] {
  const lines = text.replace(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, '');
  return lines.split('\n').flatMap((line) => {
    const [, name, value] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value }];
  });
}

const ALL = instructionsOf(readFileSync(join(ROOT, 'Dockerfile'), 'utf8'));
const FINAL = ALL.slice(ALL.findLastIndex(({ name }) => name === 'FROM'));
const values = (instructions: readonly Instruction[], wanted: string): readonly string[] =>
  instructions.filter(({ name }) => name === wanted).map(({ value }) => value);

t.test('bases are pinned to a release', async (t) => {
  const stages = values(ALL, 'FROM').map((value) => value.split(' AS '));
  const own = stages.map(([, stage]) => stage);
  const bases = stages.map(([base]) => base).filter((base) => !own.includes(base));
  t.same(bases, ['node:26-bookworm-slim']);
});

t.test('the image runs as nobody in particular and owns nothing', async (t) => {
  const [user = '', ...more] = values(FINAL, 'USER');
  t.same(more, [], 'one USER');
  t.match(user, /^[1-9]\d*:[1-9]\d*$/, 'numeric and not root');
  const copied = FINAL.findLastIndex(({ name }) => name === 'COPY' || name === 'RUN');
  t.ok(FINAL.findIndex(({ name }) => name === 'USER') > copied, 'what is copied belongs to root');
  t.notMatch(values(FINAL, 'COPY').join('\n'), /--chown|--chmod/);
});

t.test('the image starts the proxy, tells its health and drains', async (t) => {
  t.same(
    values(FINAL, 'ENTRYPOINT').map((value) => JSON.parse(value)),
    [['weir']],
  );
  t.same(
    values(FINAL, 'CMD').map((value) => JSON.parse(value)),
    [['run', '-c', '/etc/weir/weir.yaml']],
  );
  t.match(values(FINAL, 'HEALTHCHECK'), [/CMD \["weir", "health"\]$/]);
  t.same(values(FINAL, 'EXPOSE'), ['3128 9128']);
  t.same(values(FINAL, 'STOPSIGNAL'), ['SIGTERM']);
});

t.test('only production packages, without install scripts and a second Node', async (t) => {
  const [install = ''] = values(ALL, 'RUN').filter((value) => value.startsWith('npm '));
  for (const option of ['ci', '--omit=dev', '--omit=optional', '--ignore-scripts']) t.match(install, option);
});

t.test('the build context has what is copied, and only what it names', async (t) => {
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
  const [first, ...named] = lines.filter((line) => line !== '' && !line.startsWith('#'));
  t.equal(first, '*', 'everything else stays out');
  const sources = values(ALL, 'COPY')
    .filter((value) => !value.includes('--from='))
    .flatMap((value) => value.split(' ').slice(0, -1));
  t.same(named.map((line) => line.slice(1)).sort(), [...new Set(sources)].sort());
  for (const source of sources) t.ok(existsSync(join(ROOT, source)), source);
});
