import t from 'tap';
import { parseUserLine, parseUserName } from '#identity/users.ts';

const HASH = `$scrypt$ln=10,r=8,p=1$${'A'.repeat(22)}$${'B'.repeat(43)}`;

t.test('parseUserLine() reads a name and a hash', async (t) => {
  t.same(parseUserLine(`alice:${HASH}`), { name: 'alice', hash: HASH });
});

// Attacks: secrets.
t.test('parseUserLine() says what is wrong, without what may be a password', async (t) => {
  const fix = 'write the line that "weir passwd" prints';
  t.throws(() => parseUserLine('hunter2'), { message: `The line has no colon behind a name, ${fix}` });
  t.throws(() => parseUserLine(':hunter2'), { message: `The line has no colon behind a name, ${fix}` });
  t.throws(() => parseUserLine('alice:hunter2'), { message: `Password hash cannot be read, ${fix}` });
  t.throws(() => parseUserLine(`*:${HASH}`), { message: 'User "*" would be everybody, write a name' });
});

t.test('parseUserName() takes the name of one user', async (t) => {
  t.equal(parseUserName('alice'), 'alice');
  t.throws(() => parseUserName('*'), { message: 'User "*" would be everybody, write a name' });
  t.throws(() => parseUserName('a:b'), { message: /cannot be a name/ });
});

t.test('parseUserName() refuses what the file would read as something else', async (t) => {
  for (const text of ['#alice', ' alice', 'alice ', '\u00a0alice', ' ']) {
    const message = `User "${text}" cannot be a name, write one without "#" or blanks at its ends`;
    t.throws(() => parseUserName(text), { message });
  }
  t.throws(() => parseUserLine(`alice :${HASH}`), { message: /^User "alice " cannot be a name/ });
  t.equal(parseUserName('a #b'), 'a #b');
});
