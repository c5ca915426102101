/**
 * The Dockerfile by its structure, which needs no engine: pinned base, no root, nothing that its user can write, the single
 * executable as process 1, and a build context of only what the image is made of.
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

t.test('bases are arguments', async (t) => {
  const bases = values(ALL, 'FROM').map((value) => value.replace(/ AS .*/, '').replaceAll(/[${}]/g, ''));
  t.same(bases, ['NODE_IMAGE', 'RUNTIME_IMAGE'], 'all can be given by digest');
  const before = ALL.slice(
    0,
    ALL.findIndex(({ name }) => name === 'FROM'),
  );
  t.same(values(before, 'ARG'), [
    'NODE_IMAGE=node:26-bookworm-slim',
    'RUNTIME_IMAGE=gcr.io/distroless/cc-debian12',
  ]);
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
    [['/usr/local/bin/weir']],
    'the executable itself, without a shell',
  );
  t.notOk(values(FINAL, 'RUN').length > 0, 'nothing is run in the final stage, which has no shell');
  t.same(
    values(FINAL, 'CMD').map((value) => JSON.parse(value)),
    [['run', '-c', '/etc/weir/weir.yaml']],
  );
  t.match(values(FINAL, 'HEALTHCHECK'), [/CMD \["\/usr\/local\/bin\/weir", "health"\]$/]);
  t.same(values(FINAL, 'EXPOSE'), ['3128 9128']);
  t.same(values(FINAL, 'STOPSIGNAL'), ['SIGTERM']);
});

t.test('what runs is built there from the lock file, without install scripts', async (t) => {
  const commands = values(ALL, 'RUN');
  t.match(commands[1], /^npm ci --ignore-scripts\b/);
  t.equal(commands[2], 'WEIR_COMMIT="$REVISION" npm run build');
  t.same(
    values(FINAL, 'COPY'),
    ['--from=build /root-of-image/ /', 'examples ./examples'],
    'and nothing else gets into the image: no second Node, no package',
  );
});

t.test('labels are the same for the same sources', async (t) => {
  const [labels = ''] = values(FINAL, 'LABEL');
  t.notMatch(labels, /created|date/i, 'no time');
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  t.same(values(FINAL, 'ARG'), [`VERSION=${version}`, 'REVISION=unknown']);
  t.match(labels, /weir\.sbom="\/opt\/weir\/sbom\.cdx\.json"/);
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
