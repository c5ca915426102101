import t from 'tap';
import { type Asker, Authenticator, authenticatorOf, type Claim } from '#identity/authenticator.ts';
import { hashPassword, isPassword } from '#identity/password-hash.ts';
import type { User } from '#identity/users.ts';

const QUICK = { logCost: 10, blockSize: 8, parallel: 1 };
const USERS = [{ name: 'alice', hash: await hashPassword('secret', QUICK) }];

const by = (user: string, password: string): string[] => [
  'Proxy-Authorization',
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
];

const ASKER: Asker = { client: '192.0.2.1', site: '192.0.2.1', wait: (isRight) => isRight };

/** The user whose credentials they are, and undefined where they are nobody's. At once where that is known. */
function identify(
  authenticator: Authenticator,
  headers: string[],
): string | undefined | Promise<string | undefined> {
  const claim = authenticator.claimOf(headers);
  if (claim === undefined) return undefined;
  const userOf = (isRight: boolean) => (isRight ? claim.user : undefined);
  const known = authenticator.recall(claim);
  return known === undefined ? authenticator.check(claim, ASKER).then(userOf) : userOf(known);
}

/** One that counts how often a password is hashed. */
function counting(): { authenticator: Authenticator; asked: () => number } {
  let asked = 0;
  const authenticator = new Authenticator({
    users: USERS,
    verify: (password, hash) => {
      asked += 1;
      return isPassword(password, hash);
    },
    gate: { atOnce: 1, waiting: 1, waitingOfOne: 1 },
  });
  return { authenticator, asked: () => asked };
}

t.test('Authenticator knows its users by their passwords', async (t) => {
  const authenticator = new Authenticator({ users: USERS });
  t.equal(authenticator.users, USERS);
  t.equal(await identify(authenticator, by('alice', 'secret')), 'alice');
  t.equal(await identify(authenticator, by('alice', 'wrong')), undefined);
  t.equal(await identify(authenticator, by('bob', 'secret')), undefined);
  t.equal(identify(authenticator, ['Host', 'x']), undefined, 'at once where there are none');
});

t.test('Authenticator knows which names there are', async (t) => {
  const authenticator = new Authenticator({ users: USERS });
  t.same(
    ['alice', 'bob'].map((name) => authenticator.knows(name)),
    [true, false],
  );
});

t.test('Authenticator hashes once what it is asked again and again, right or wrong', async (t) => {
  const { authenticator, asked } = counting();
  t.equal(await identify(authenticator, by('alice', 'secret')), 'alice');
  t.equal(identify(authenticator, by('alice', 'secret')), 'alice', 'at once');
  t.equal(asked(), 1);
  await identify(authenticator, by('alice', 'wrong'));
  t.equal(identify(authenticator, by('alice', 'wrong')), undefined, 'at once');
  t.equal(asked(), 2);
});

// Attacks: own-identity.
t.test('Authenticator hashes for a name that does not exist too', async (t) => {
  const { authenticator, asked } = counting();
  t.equal(await identify(authenticator, by('bob', 'secret')), undefined);
  t.equal(asked(), 1);
});

t.test('Authenticator holds a name that does not exist against what a user has', async (t) => {
  const held: unknown[] = [];
  const verify = async (_password: string, hash: unknown): Promise<boolean> => {
    held.push(hash);
    return true;
  };
  t.equal(await identify(new Authenticator({ users: USERS, verify }), by('nobody', 'secret')), undefined);
  t.match(held, [{ logCost: 10, blockSize: 8, parallel: 1 }]);
});

// Attacks: own-identity.
t.test('Authenticator takes nobody for somebody else', async (t) => {
  const { authenticator } = counting();
  await identify(authenticator, by('alice', 'secret'));
  for (const [user, password] of [
    ['alic', 'e:secret'],
    ['alice', 'secret '],
    ['Alice', 'secret'],
  ] as const)
    t.equal(await identify(authenticator, by(user, password)), undefined, `${user} ${password}`);
});

t.test('Authenticator hashes once for many that come at once', async (t) => {
  const { authenticator, asked } = counting();
  const all = Array.from({ length: 20 }, () => identify(authenticator, by('alice', 'secret')));
  t.same(new Set(await Promise.all(all)), new Set(['alice']));
  t.equal(asked(), 1);
});

t.test('Authenticator turns away where too many different ones wait', async (t) => {
  const { authenticator } = counting();
  const first = identify(authenticator, by('alice', 'a'));
  const second = identify(authenticator, by('alice', 'b'));
  const third = authenticator.claimOf(by('alice', 'c')) as Claim;
  const other = { ...ASKER, client: '192.0.2.2', site: '192.0.2.2' };
  await t.rejects(authenticator.check(third, other), { message: '1 passwords wait to be checked' });
  t.same(await Promise.all([first, second]), [undefined, undefined]);
  t.equal(await identify(authenticator, by('alice', 'secret')), 'alice', 'and is open again afterwards');
});

t.test('Authenticator does not hash what nobody waits for any more', async (t) => {
  const { authenticator, asked } = counting();
  const [one, two, three] = ['a', 'b', 'c'].map((password) =>
    authenticator.claimOf(by('alice', password)),
  ) as [Claim, Claim, Claim];
  const running = authenticator.check(one, ASKER);
  const gone = { ...ASKER, wait: () => Promise.reject(new Error('gone')) };
  await t.rejects(authenticator.check(two, gone), { message: 'gone' });
  t.equal(await authenticator.check(three, ASKER), false, 'there is room for it');
  t.equal(await running, false);
  t.equal(asked(), 2);
  t.equal(authenticator.recall(two), undefined);
});

t.test('Authenticator hashes what one has left and another waits for', async (t) => {
  const { authenticator } = counting();
  const [one, two] = ['a', 'secret'].map((password) => authenticator.claimOf(by('alice', password))) as [
    Claim,
    Claim,
  ];
  const running = authenticator.check(one, ASKER);
  const gone = { ...ASKER, wait: () => Promise.reject(new Error('gone')) };
  const left = t.rejects(authenticator.check(two, gone), { message: 'gone' });
  const stays = authenticator.check(two, ASKER);
  await left;
  t.equal(await stays, true);
  t.equal(await running, false);
});

t.test('Authenticator without users knows nobody', async (t) => {
  const authenticator = new Authenticator({ users: [], verify: async () => true });
  t.equal(await identify(authenticator, by('alice', 'secret')), undefined);
});

t.test('authenticatorOf() keeps what is known of users whose line is the same', async (t) => {
  const [alice] = USERS as [User];
  const bob = { name: 'bob', hash: alice.hash };
  const first = authenticatorOf([alice, bob], undefined) as Authenticator;
  for (const user of ['alice', 'bob']) await identify(first, by(user, 'secret'));
  const recalled = (user: string, users: User[]): boolean | undefined => {
    const next = authenticatorOf(users, first) as Authenticator;
    t.not(next, first);
    return next.recall(next.claimOf(by(user, 'secret')) as Claim);
  };
  const other = { name: 'bob', hash: await hashPassword('secret', QUICK) };
  t.equal(recalled('alice', [alice, other]), true);
  t.equal(recalled('bob', [alice, other]), undefined, 'another hash');
  t.equal(recalled('bob', [alice]), undefined, 'a user that is no more');
});

t.test('authenticatorOf() keeps one whose users are the same', async (t) => {
  const first = authenticatorOf(USERS, undefined);
  t.ok(first instanceof Authenticator);
  t.equal(authenticatorOf(structuredClone(USERS), first), first);
  t.not(authenticatorOf([], first), first);
  t.equal(authenticatorOf(undefined, first), undefined);
});
