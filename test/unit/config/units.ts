import t from 'tap';
import { parseDuration } from '#config/units.ts';

const GOOD: Readonly<Record<string, number>> = {
  '0s': 0,
  '1ms': 1,
  '500ms': 500,
  '30s': 30_000,
  '15m': 900_000,
  '24h': 86_400_000,
  '1d': 86_400_000,
  '24d': 2_073_600_000,
};

for (const [text, ms] of Object.entries(GOOD)) {
  t.test(`parseDuration() reads ${text}`, async (t) => {
    t.equal(parseDuration(text), ms);
    t.ok(ms < 2 ** 31, 'a timer can hold it');
  });
}

const UNREADABLE = ['', '30', 's', '30 s', '1.5s', '-1s', '+1s', '1h30m', '30S', '30sec', '1w', '٣s', '1s\n'];

for (const text of UNREADABLE) {
  t.test(`parseDuration() refuses ${JSON.stringify(text)} and says what to write`, async (t) => {
    const message = `Duration "${text}" cannot be read, write a whole number with a unit (ms, s, m, h, d) such as "30s"`;
    t.throws(() => parseDuration(text), { message });
  });
}

for (const text of ['25d', '2073600001ms', '999999999999999d']) {
  t.test(`parseDuration() refuses ${text}, which no timer could hold`, async (t) => {
    t.throws(() => parseDuration(text), { message: `Duration "${text}" is too long, write at most "24d"` });
  });
}
