import t from 'tap';
import { Memory } from '#identity/memory.ts';

const MINUTE = 60_000;

/** A memory at a time that the test moves on. */
function memory(): { memory: Memory; pass: (minutes: number) => void } {
  let now = 1;
  return {
    memory: new Memory(() => now),
    pass: (minutes) => {
      now += minutes * MINUTE;
    },
  };
}

t.test('Memory keeps what is right by use, but no longer than an hour', async (t) => {
  const { memory: known, pass } = memory();
  known.remember('key', true);
  for (let minutes = 4; minutes < 60; minutes += 4) {
    pass(4);
    t.equal(known.recall('key'), true, `after ${minutes} minutes`);
  }
  pass(4);
  t.equal(known.recall('key'), undefined, 'after an hour');
  known.remember('key', true);
  t.equal(known.recall('key'), true, 'hashed again');
  pass(6);
  t.equal(known.recall('key'), undefined, 'not used for five minutes');
});

t.test('Memory keeps what is wrong for a minute, asked for or not', async (t) => {
  const { memory: known, pass } = memory();
  t.equal(known.recall('key'), undefined);
  known.remember('key', false);
  pass(0.9);
  t.equal(known.recall('key'), false);
  pass(0.2);
  t.equal(known.recall('key'), undefined);
});

t.test('Memory has one key for each user, password and hash', async (t) => {
  const { memory: known } = memory();
  const keys = [
    known.keyOf({ user: 'alice', password: 'a' }, '$scrypt$one'),
    known.keyOf({ user: 'alice', password: 'a' }, '$scrypt$two'),
    known.keyOf({ user: 'alice', password: 'a' }, undefined),
    known.keyOf({ user: 'alic', password: 'e:a' }, undefined),
    known.keyOf({ user: 'alice', password: 'b' }, '$scrypt$one'),
    new Memory().keyOf({ user: 'alice', password: 'a' }, '$scrypt$one'),
  ];
  t.equal(new Set(keys).size, keys.length);
  t.equal(known.keyOf({ user: 'alice', password: 'a' }, '$scrypt$one'), keys[0]);
  t.notMatch(keys.join(), /alice|scrypt/);
});

t.test('Memory has a clock of its own', async (t) => {
  const known = new Memory();
  known.remember('key', true);
  t.equal(known.recall('key'), true);
});

// Attacks: bounded.
t.test('Memory keeps so many, and wrong ones push out no right one', async (t) => {
  const { memory: known } = memory();
  known.remember('right', true);
  for (let i = 0; i <= 10_000; i += 1) known.remember(`wrong ${i}`, false);
  t.equal(known.recall('wrong 0'), undefined, 'the first of too many');
  t.equal(known.recall('wrong 1'), false);
  t.equal(known.recall('right'), true);
});
