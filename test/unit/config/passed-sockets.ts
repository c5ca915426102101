import t from 'tap';
import { passedSockets } from '#config/passed-sockets.ts';

type Names = Readonly<Record<string, readonly number[]>>;

const CASES: readonly [why: string, environment: NodeJS.ProcessEnv, names: Names][] = [
  ['no systemd', {}, {}],
  ['no process is named', { LISTEN_FDS: '1', LISTEN_FDNAMES: 'weir' }, {}],
  ["another process's", { LISTEN_PID: '6', LISTEN_FDS: '1', LISTEN_FDNAMES: 'weir' }, {}],
  ['one', { LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'weir' }, { weir: [3] }],
  [
    'three, two of one name',
    { LISTEN_PID: '7', LISTEN_FDS: '3', LISTEN_FDNAMES: 'a:b:a' },
    { a: [3, 5], b: [4] },
  ],
  ['without names', { LISTEN_PID: '7', LISTEN_FDS: '2' }, { unknown: [3, 4] }],
  [
    'more than there are names',
    { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'a' },
    { a: [3], unknown: [4] },
  ],
  ['more names than there are', { LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'a:b' }, { a: [3] }],
  ['none', { LISTEN_PID: '7', LISTEN_FDS: '0', LISTEN_FDNAMES: '' }, {}],
  ['no number', { LISTEN_PID: '7', LISTEN_FDS: '-1', LISTEN_FDNAMES: 'a' }, {}],
];

for (const [why, environment, names] of CASES) {
  t.test(`passedSockets(): ${why}`, async (t) => {
    t.same(Object.fromEntries(passedSockets(environment, 7)), names);
  });
}

t.test('passedSockets() takes no more than anybody listens on', async (t) => {
  const { unknown } = Object.fromEntries(passedSockets({ LISTEN_PID: '7', LISTEN_FDS: '9999' }, 7));
  t.equal(unknown?.length, 1024);
});

t.test('passedSockets() goes by this process', async (t) => {
  t.same(passedSockets(), passedSockets(process.env, process.pid));
});
