import t from 'tap';
import { type Note, Notes } from '#cache/notes.ts';

const note = (why: string): Note => ({ why, status: 200, atMs: 1 });

t.test('the last that was noted of a URL stands, until something is kept under it', async (t) => {
  const notes = new Notes();
  t.equal(notes.of('a'), undefined);
  notes.put('a', note('no-store'));
  notes.put('a', note('private'));
  t.same(notes.of('a'), note('private'));
  notes.forget('a');
  t.equal(notes.of('a'), undefined);
});

t.test('there are so many, and the oldest goes', async (t) => {
  const notes = new Notes();
  for (let i = 0; i < 512; i += 1) notes.put(String(i), note('no-store'));
  notes.put('0', note('private'));
  notes.put('one more', note('no-store'));
  t.same(notes.of('0'), note('private'), 'noted anew it is no more the oldest');
  t.equal(notes.of('1'), undefined);
  t.same(notes.of('2'), note('no-store'));
});

t.test('a URL that nobody writes by hand is not noted', async (t) => {
  const notes = new Notes();
  const [long, longer] = ['x'.repeat(2048), 'x'.repeat(2049)];
  notes.put(long, note('no-store'));
  notes.put(longer, note('no-store'));
  t.same(notes.of(long), note('no-store'));
  t.equal(notes.of(longer), undefined);
});
