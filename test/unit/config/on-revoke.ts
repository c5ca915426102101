import t from 'tap';
import { parseOnRevoke } from '#config/on-revoke.ts';

t.test('parseOnRevoke() reads what may become of a tunnel', async (t) => {
  t.same(parseOnRevoke('keep'), { act: 'keep' });
  t.same(parseOnRevoke('cut'), { act: 'cut' });
  t.same(parseOnRevoke('drain 10m'), { act: 'drain', ms: 600_000 });
});

for (const text of ['', 'drain', 'drain5m', 'kill', 'cut 5m']) {
  t.test(`parseOnRevoke() refuses ${JSON.stringify(text)} and says what to write`, async (t) => {
    const cure = 'write keep, cut or drain with a duration such as "drain 5m"';
    t.throws(() => parseOnRevoke(text), { message: `What "${text}" means is not known, ${cure}` });
  });
}

t.test('parseOnRevoke() refuses what is no duration', async (t) => {
  t.throws(() => parseOnRevoke('drain 5'), /Duration "5" cannot be read/);
});
