import t from 'tap';
import { countOfWorkers, parseWorkers } from '#config/workers.ts';

t.test('parseWorkers() reads a number from 1 to 64, or auto', async (t) => {
  const good = [1, 2, 64, '1', '64', 'auto'];
  t.same(good.map(parseWorkers), [1, 2, 64, 1, 64, 'auto']);
  for (const bad of [0, 65, -1, 1.5, Number.NaN, '', '0', '65', ' 2', '2.0', '0x2', 'all', '9'.repeat(30)]) {
    const message = `Workers "${bad}" cannot be, write a number from 1 to 64, or "auto"`;
    t.throws(() => parseWorkers(bad), { message });
  }
});

t.test('countOfWorkers() takes one for each core where it is auto, 64 at most', async (t) => {
  t.equal(countOfWorkers(3, 8), 3);
  t.equal(countOfWorkers('auto', 8), 8);
  t.equal(countOfWorkers('auto', 200), 64);
  t.ok(countOfWorkers('auto') >= 1);
});
