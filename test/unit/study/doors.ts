import t from 'tap';
import { doorsFor, mayHavePort } from '#study/doors.ts';

const BOUND = { name: 'main', port: 3128 };
const OTHER = { name: 'other', port: 8080 };
const PASSED = { name: 'passed', port: 0, socket: 'weir' };

t.test('doorsFor() gives the listeners with that port, and those whose port nobody knows', async (t) => {
  t.same(doorsFor([BOUND, OTHER], 3128), [BOUND]);
  t.same(doorsFor([OTHER, PASSED], 3128), [PASSED]);
  t.same(doorsFor([BOUND, OTHER, PASSED], 8080), [OTHER, PASSED]);
  t.same(doorsFor([BOUND], 1), []);
});

t.test('mayHavePort() takes a socket of systemd’s to have any', async (t) => {
  t.ok(mayHavePort(PASSED, 443));
  t.ok(mayHavePort(BOUND, 3128));
  t.notOk(mayHavePort(BOUND, 443));
});
