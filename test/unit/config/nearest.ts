import t from 'tap';
import { nearest } from '#config/nearest.ts';

const WORDS = ['name', 'listeners', 'admin', 'acls', 'access', 'peers', 'routes'];

const MEANT: readonly [word: string, meant: string | undefined, why: string][] = [
  ['nmae', 'name', 'neighbours swapped'],
  ['names', 'name', 'a letter too many'],
  ['acces', 'access', 'a letter missing'],
  ['adnin', 'admin', 'a wrong letter'],
  ['Routes', 'routes', 'another case'],
  ['listner', 'listeners', 'two letters missing of a long word'],
  ['acl', 'acls', 'a short word may be one letter off'],
  ['limits', undefined, 'no known word is close'],
  ['x', undefined, 'nothing is close to one letter'],
  ['', undefined, 'nothing is close to nothing'],
  ['n'.repeat(65), undefined, 'too long to be a slip'],
];

for (const [word, meant, why] of MEANT) {
  t.test(`nearest() of ${JSON.stringify(word.slice(0, 20))} is ${meant ?? 'none'}: ${why}`, async (t) => {
    t.equal(nearest(word, WORDS), meant);
  });
}

t.test('nearest() takes the closer of two', async (t) => {
  t.equal(nearest('vm-bb', ['vm-ab-c', 'vm-a', 'vm-b']), 'vm-b');
  t.equal(nearest('vm-b', ['vm-b', 'vm-a']), 'vm-b', 'and not a later one that is as close or farther');
});
