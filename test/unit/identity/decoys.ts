import t from 'tap';
import { Decoys } from '#identity/decoys.ts';
import { type PasswordHash, parsePasswordHash } from '#identity/password-hash.ts';

interface Known {
  readonly text: string;
  readonly hash: PasswordHash;
}

function knownOf(logCost: number, salt: string): Known {
  const text = `$scrypt$ln=${logCost},r=8,p=1$${salt.repeat(22)}$${'B'.repeat(43)}`;
  return { text, hash: parsePasswordHash(text) };
}

/** Three of four users have the stronger hash. */
const USERS = [knownOf(15, 'a'), knownOf(10, 'b'), knownOf(15, 'c'), knownOf(15, 'd')];
const NAMES = Array.from({ length: 2000 }, (_, index) => `name ${index}`);

const costs = (decoys: Decoys): readonly number[] => NAMES.map((name) => decoys.of(name).logCost);

t.test('Decoys cost what the hashes of the users do, as often', async (t) => {
  const weak = costs(new Decoys(USERS)).filter((logCost) => logCost === 10).length;
  t.ok(weak > 400 && weak < 600, `${weak} of 2000`);
});

t.test('Decoys are always the same for a name, in another process too', async (t) => {
  t.same(costs(new Decoys(USERS)), costs(new Decoys(USERS)));
});

t.test('Decoys are chosen by what nobody knows who does not have the file', async (t) => {
  const other = [knownOf(15, 'e'), knownOf(10, 'f'), knownOf(15, 'g'), knownOf(15, 'h')];
  t.notSame(costs(new Decoys(USERS)), costs(new Decoys(other)));
});

t.test('Decoys are no hash of a user', async (t) => {
  const { hash, salt } = new Decoys(USERS.slice(0, 1)).of('x');
  t.notSame(hash, USERS[0]?.hash.hash);
  t.notSame(salt, USERS[0]?.hash.salt);
});

t.test('Decoys cost what a new hash does where there are no users', async (t) => {
  t.match(new Decoys([]).of('x'), { logCost: 15, blockSize: 8, parallel: 3 });
});
