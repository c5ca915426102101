import t from 'tap';
import { parseOnRevoke } from '#config/on-revoke.ts';

t.test('parseOnRevoke() reads what becomes of tunnels', async (t) => {
  t.same(parseOnRevoke('keep'), { act: 'keep' });
  t.same(parseOnRevoke('cut'), { act: 'cut' });
  t.same(parseOnRevoke('drain 5m'), { act: 'drain', ms: 300_000 });
  t.same(parseOnRevoke('drain  1ms'), { act: 'drain', ms: 1 });
});

for (const text of ['', 'drain', 'drain5m', 'kill', 'keep 5m', 'Drain 5m']) {
  t.test(`parseOnRevoke() refuses "${text}"`, async (t) => {
    const message = `"${text}" is not known here, write keep, cut, or drain with a duration such as "drain 5m"`;
    t.throws(() => parseOnRevoke(text), { message });
  });
}

t.test('parseOnRevoke() wants a duration that is one', async (t) => {
  t.throws(() => parseOnRevoke('drain 5'), { message: /^Duration "5" cannot be read/ });
  t.throws(() => parseOnRevoke('drain 0s'), { message: '"drain 0s" leaves no time, write cut' });
});
