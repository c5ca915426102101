import { join } from 'node:path';
import t from 'tap';
import { weir } from '../../fixtures/weir.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');
const T1 = join(EXAMPLES, 't1.yaml');
const T2 = join(EXAMPLES, 't2.yaml');
const TARGET = 'login.microsoft.com:443';

t.test('weir explain tells a verdict, and exits with 0 whatever it is', async (t) => {
  const { status, stdout, stderr } = await weir(
    'explain',
    '-c',
    T1,
    '--src',
    '10.128.0.7',
    'example.com:443',
  );
  t.match({ status, stderr }, { status: 0, stderr: '' });
  t.match(stdout, /^denied: the client sees HTTP\/1\.1 403 Denied by t1 rule not-microsoft\n/);
});

t.test('weir explain asks both tiers, and says which address it assumed', async (t) => {
  const args = [
    'explain',
    '-c',
    T1,
    '-c',
    T2,
    '--src',
    '10.128.0.7',
    '--at',
    '2026-11-23T18:00+08:00',
    '--json',
  ];
  const { status, stdout, stderr } = await weir(...args, TARGET);
  t.equal(status, 0);
  t.equal(stderr, '');
  t.match(JSON.parse(stdout), {
    verdict: 'deny',
    status: 'HTTP/1.1 403 Denied by t2 rule after-hours',
    hops: [
      { hop: 't1', verdict: 'allow' },
      { hop: 't2', rule: 'after-hours', client: '10.128.0.1', assumedFrom: '10.128.0.0/14' },
    ],
  });
  const told = await weir(...args, '--via', '192.0.2.1', TARGET);
  t.match(JSON.parse(told.stdout), {
    hops: [{}, { rule: 'not-the-cluster', client: '192.0.2.1', assumedFrom: null }],
  });
});

t.test('weir explain takes all that can be said of a request', async (t) => {
  const who = [
    '--namespace',
    'api',
    '--pod-label',
    'app=api',
    '--pod-label',
    'tier=web',
    '--namespace-label',
    'team=a',
    '--service-account',
    'api',
    '--user',
    'u',
  ];
  const what = [
    '--listener',
    'microsoft',
    '--method',
    'POST',
    '--header',
    'User-Agent: curl',
    '--address',
    '20.1.2.3',
  ];
  const args = ['explain', '-c', T1, '--src', '10.128.0.7', ...who, ...what];
  const { status, stdout, stderr } = await weir(...args, 'http://login.microsoft.com/');
  t.match({ status, stderr }, { status: 0, stderr: '' });
  t.match(
    stdout,
    /^allowed: the client sees the answer of the origin\n\nt1 .*: POST login\.microsoft\.com:80, client/,
  );
});

const ASKED = ['-c', T1, '--src', '10.128.0.7'];

const REFUSED: Readonly<Record<string, readonly [args: readonly string[], message: RegExp]>> = {
  'a target without port': [
    [...ASKED, 'a.b'],
    /^Target "a\.b" cannot be asked for by CONNECT, write host:port/,
  ],
  'no client': [['-c', T1, TARGET], /^Missing required argument: src/],
  'a client that is none': [['-c', T1, '--src', 'pod', TARGET], /^Address "pod" cannot be read/],
  'a time without offset': [
    [...ASKED, '--at', '2026-11-23', TARGET],
    /^Time "2026-11-23" cannot be read, write a time/,
  ],
  'a label without value': [
    [...ASKED, '--pod-label', 'app', TARGET],
    /^Label "app" has no "=" behind a name/,
  ],
  'a field without name': [
    [...ASKED, '--header', ': x', TARGET],
    /^Header field ": x" has no ":" behind a name/,
  ],
  'an address and a look-up': [
    [...ASKED, '--resolve', '--address', '10.0.0.1', TARGET],
    /^Say --address or --resolve/,
  ],
  'an address that is none': [[...ASKED, '--address', 'x', TARGET], /^Address "x" cannot be read/],
  'a listener that is not there': [
    [...ASKED, '--listener', 'x', TARGET],
    /^Listener "x" is not defined, use one of: microsoft$/m,
  ],
  'a way to nowhere': [[...ASKED, '--via', '10.0.0.1', TARGET], /^--via is for a second configuration file/],
  'a way that is no address': [[...ASKED, '-c', T2, '--via', 'x', TARGET], /^Address "x" cannot be read/],
  'a second tier that trusts nobody': [
    [...ASKED, '-c', T1, TARGET],
    /^Say by --via from which address the first tier comes to t1/,
  ],
  'three tiers': [[...ASKED, '-c', T2, '-c', T1, TARGET], /^Name one configuration file, or two/],
};

for (const [what, [args, message]] of Object.entries(REFUSED)) {
  t.test(`weir explain refuses ${what}`, async (t) => {
    const { status, stdout, stderr } = await weir('explain', ...args);
    t.match({ status, stdout }, { status: 64, stdout: '' });
    t.match(stderr, message);
  });
}

t.test('weir explain cannot load a file with mistakes', async (t) => {
  const file = join(t.testdir({ 'bad.yaml': 'name: T' }), 'bad.yaml');
  const { status, stderr } = await weir('explain', '-c', file, '--src', '10.128.0.7', TARGET);
  t.equal(status, 78);
  t.match(stderr, `${file}:1:7: name: `);
});
