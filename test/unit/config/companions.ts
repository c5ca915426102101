import { join } from 'node:path';
import t from 'tap';
import { besides, cureOf, readCompanions } from '#config/companions.ts';
import { digestOf } from '#config/files.ts';
import { formatProblem } from '#config/problems.ts';
import { outline, told } from '../../fixtures/config.ts';

t.test('besides() lets relative paths begin at the directory of the file', async (t) => {
  t.equal(besides('conf/t1.yaml', 'domains.txt'), 'conf/domains.txt');
  t.equal(besides('t1.yaml', '../domains.txt'), '../domains.txt');
  t.equal(besides('conf/t1.yaml', '/etc/domains.txt'), '/etc/domains.txt');
});

t.test('readCompanions() reads every file that is named, each once', async (t) => {
  const directory = t.testdir({ 'a.txt': '.a.com\n', 'b.txt': 'b.com\n', hosts: '10.0.0.1 x\n' });
  const found = await readCompanions(
    outline(`
acls:
  a: { dstDomains: { file: a.txt } }
  again: { dstDomains: { file: a.txt } }
  b: { dstDomains: { file: ${directory}/b.txt } }
  none: { dstDomains: [c.com] }
dns: { hostsFile: hosts }
`),
    join(directory, 't1.yaml'),
  );
  t.same(told(found.flaws), []);
  t.same(found.problems, []);
  t.match(Object.fromEntries(found.domains), {
    'a.txt': [{ text: '.a.com' }],
    [join(directory, 'b.txt')]: [{ text: 'b.com' }],
  });
  t.same(Object.fromEntries(found.digests), {
    [join(directory, 'a.txt')]: digestOf('.a.com\n'),
    [join(directory, 'b.txt')]: digestOf('b.com\n'),
    [join(directory, 'hosts')]: digestOf('10.0.0.1 x\n'),
  });
});

t.test('readCompanions() reads nothing where nothing is named', async (t) => {
  for (const yaml of ['', 'acls: []', 'dns: { hostsFile: none }']) {
    const { domains, digests, flaws } = await readCompanions(outline(yaml), 't1.yaml');
    t.same([domains.size, digests.size, flaws.length], [0, 0, 0]);
  }
});

t.test(
  'readCompanions() reports what cannot be read by its key, and what is wrong inside by its line',
  async (t) => {
    const directory = t.testdir({ 'a.txt': 'a.com\nb b\n', latin: Buffer.of(0xe4) });
    const file = join(directory, 't1.yaml');
    const found = await readCompanions(
      outline(`
acls:
  a: { dstDomains: { file: a.txt } }
  b: { dstDomains: { file: b.txt } }
dns: { hostsFile: latin }
`),
      file,
    );
    const fix = 'Check the name; relative ones begin at the directory of this file';
    t.same(told(found.flaws), [
      `acls.b.dstDomains.file: Cannot read "${directory}/b.txt": no such file. ${fix}`,
      `dns.hostsFile: Cannot read "${directory}/latin": not UTF-8 text. ${fix}`,
    ]);
    t.same(found.problems.map(formatProblem), [
      `${directory}/a.txt:2:1: acls.a.dstDomains.file: Domain "b b" is no host name (value "b b"). Write a host name without scheme, port and path`,
    ]);
  },
);

t.test('readCompanions() reads patterns, and weighs them against what they are for', async (t) => {
  const directory = t.testdir({ 'p.txt': '^a\n', 'big.txt': 'x{999}\ny{999}\nz{999}\n' });
  const found = await readCompanions(
    outline(`
acls:
  a: { dstDomainRegex: { file: p.txt }, urlRegex: { file: p.txt } }
  b: { dstDomainRegex: { file: big.txt } }
  c: { urlRegex: { file: big.txt } }
`),
    join(directory, 't1.yaml'),
  );
  t.match(found.patterns.get('p.txt'), [{ text: '^a' }]);
  t.equal(found.patterns.get('big.txt')?.length, 3);
  t.match(told(found.flaws), [
    /^acls\.c\.urlRegex\.file: The patterns compile to \d+ instructions\. Write fewer or simpler ones, of at most 1953/,
  ]);
  t.equal(found.problems.length, 0);
});

t.test('readCompanions() reads users, each of whom must be there once', async (t) => {
  const hash = `$scrypt$ln=10,r=8,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}`;
  const lines = [`alice:${hash}`, `bob:${hash}`];
  const directory = t.testdir({ users: lines.join('\n'), twice: [...lines, lines[0]].join('\n') });
  const read = (name: string) =>
    readCompanions(outline(`auth: { usersFile: ${name} }`), join(directory, 't1.yaml'));
  const good = await read('users');
  t.same(good.users, [
    { name: 'alice', hash },
    { name: 'bob', hash },
  ]);
  t.same([told(good.flaws), good.problems], [[], []]);
  t.ok(good.digests.has(join(directory, 'users')));
  t.same(told((await read('twice')).flaws), [
    'auth.usersFile: The file has user "alice" twice. Remove one of the lines',
  ]);
});

t.test('readCompanions() looks at each of many users once', async (t) => {
  const hash = `$scrypt$ln=10,r=8,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}`;
  const lines = Array.from({ length: 2000 }, (_, index) => `u${index}:${hash}`);
  const directory = t.testdir({ users: [...lines, lines[1999]].join('\n') });
  const { indexOf } = Array.prototype;
  t.teardown(() => {
    Array.prototype.indexOf = indexOf;
  });
  let searched = 0;
  Array.prototype.indexOf = function count(...searching) {
    searched += 1;
    return indexOf.apply(this, searching);
  };
  const found = await readCompanions(outline('auth: { usersFile: users }'), join(directory, 't1.yaml'));
  t.same(told(found.flaws), ['auth.usersFile: The file has user "u1999" twice. Remove one of the lines']);
  t.ok(searched < 100, `${searched} searches`);
});

const KEY = Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64');

// Attacks: secrets.
t.test('readCompanions() reads the keys of hops, and shows none of them', async (t) => {
  const other = Buffer.from(Array.from({ length: 32 }, (_, index) => index + 1)).toString('base64');
  const many = Array.from({ length: 17 }, (_, seed) =>
    Buffer.alloc(32, Buffer.of(seed, 255)).toString('base64'),
  );
  const directory = t.testdir({
    good: `# now\n${KEY}\n\n# before\n${other}\n`,
    bad: `${KEY}\nhunter2\n`,
    twice: `${KEY}\n${KEY}\n`,
    many: many.join('\n'),
  });
  const read = (yaml: string) => readCompanions(outline(`hop: ${yaml}`), join(directory, 't1.yaml'));
  const good = await read('{ assert: { keyFile: good }, trust: { keyFiles: [good] } }');
  t.same([told(good.flaws), good.problems], [[], []]);
  t.match(good.keys.get('good'), [{ secret: KEY }, { secret: other }]);
  t.equal(good.digests.size, 1);
  const bad = await read('{ trust: { keyFiles: [bad] } }');
  t.same(bad.problems.map(formatProblem), [
    `${join(directory, 'bad')}:2:1: hop.trust.keyFiles[0]: The line is no Base64. Write one key on each line as "openssl rand -base64 32" prints it`,
  ]);
  t.same(told((await read('{ trust: { keyFiles: [twice, many, gone] } }')).flaws), [
    'hop.trust.keyFiles[0]: The file has the same key twice. Remove one of the lines',
    'hop.trust.keyFiles[1]: The file has more than 16 keys. Remove those that no hop signs with any more',
    `hop.trust.keyFiles[2]: Cannot read "${join(directory, 'gone')}": no such file. Check the name; relative ones begin at the directory of this file`,
  ]);
});

t.test('readCompanions() reads no secrets where it is not to, and names them', async (t) => {
  const directory = t.testdir({ 'd.txt': '.a.com\n', 't2.key': 'no key', users: 'alice:x\n' });
  const yaml = `
acls: { a: { dstDomains: { file: d.txt } }, b: { dstDomains: { file: gone.txt } } }
listeners: [{ name: main, address: 127.0.0.1:1, tls: { cert: t2.pem, key: t2.key, clientCa: /etc/ca.pem } }]
peers: { vm: { address: "a.test:1", auth: { username: t1, passwordFile: vm.password }, tls: { ca: /etc/ca.pem } } }
hop: { assert: { keyFile: hop.key }, trust: { from: [a], keyFiles: [hop.key, old.key] } }
log: { audit: { path: a, keyFile: audit.key } }
`;
  const found = await readCompanions(outline(yaml), join(directory, 't1.yaml'), { secrets: false });
  t.match(
    told(found.flaws),
    [/^acls\.b\.dstDomains\.file: Cannot read /],
    'what belongs to the policy is read',
  );
  t.same(found.unread, [
    '/etc/ca.pem',
    ...['t2.pem', 't2.key', 'vm.password', 'audit.key', 'hop.key', 'old.key'].map((name) =>
      join(directory, name),
    ),
  ]);
  t.same([found.keys.size, found.texts.size, found.digests.size], [0, 0, 1]);
  t.same((await readCompanions(outline('acls: {}'), 't1.yaml')).unread, []);
});

t.test('readCompanions() says of a file that is closed to it whom to let in', async (t) => {
  // Made up: tests may run as root, whom nothing is closed to.
  const closed = Object.assign(new Error('closed'), { cause: { code: 'EACCES' } });
  t.match(
    cureOf(closed),
    /^Let the user that Weir runs as read it, .*chown root:weir FILE && chmod 640 FILE$/,
  );
  t.match(cureOf(Object.assign(new Error('gone'), { cause: { code: 'ENOENT' } })), /^Check the name; /);
  t.match(cureOf(new Error('not UTF-8 text')), /^Check the name; /);
});
