import t from 'tap';
import { parseBandwidth, parseRate, parseSize } from '#config/quantities.ts';

const SIZES: Readonly<Record<string, number>> = {
  '1B': 1,
  '512KiB': 524_288,
  '20MiB': 20_971_520,
  '5GiB': 5_368_709_120,
  '1TiB': 1_099_511_627_776,
};

for (const [text, bytes] of Object.entries(SIZES)) {
  t.test(`parseSize() reads ${text}`, async (t) => {
    t.equal(parseSize(text), bytes);
  });
}

for (const text of ['', '20', 'MiB', '0B', '1.5GiB', '20 MiB', '20MB', '20mib', '-1B', '1MiB/s', '1MiB\n']) {
  t.test(`parseSize() refuses ${JSON.stringify(text)} and says what to write`, async (t) => {
    const cure = 'write a whole number above 0 with a unit (B, KiB, MiB, GiB, TiB) such as "20MiB"';
    t.throws(() => parseSize(text), { message: `Size "${text}" cannot be read, ${cure}` });
  });
}

t.test('parseBandwidth() reads a size for each second', async (t) => {
  t.equal(parseBandwidth('20MiB/s'), 20_971_520);
  t.equal(parseBandwidth('1024B/s'), 1024);
});

const BANDWIDTHS: Readonly<Record<string, string>> = {
  '20MiB': 'Bandwidth "20MiB" cannot be read, write a size for each second such as "20MiB/s"',
  '20MiB/m': 'Bandwidth "20MiB/m" cannot be read, write a size for each second such as "20MiB/s"',
  '20Mbit/s':
    'Size "20Mbit" cannot be read, write a whole number above 0 with a unit (B, KiB, MiB, GiB, TiB) such as "20MiB"',
  '1023B/s': 'Bandwidth "1023B/s" is too little, write at least "1KiB/s"',
};

for (const [text, message] of Object.entries(BANDWIDTHS)) {
  t.test(`parseBandwidth() refuses ${text} and says what to write`, async (t) => {
    t.throws(() => parseBandwidth(text), { message });
  });
}

const RATES: Readonly<Record<string, number>> = { '50/s': 50, '600/m': 10, '1/h': 1 / 3600 };

for (const [text, perSecond] of Object.entries(RATES)) {
  t.test(`parseRate() reads ${text}`, async (t) => {
    t.equal(parseRate(text), perSecond);
  });
}

for (const text of ['', '50', '/s', '0/s', '50/d', '50 / s', '0.5/s', '50/S']) {
  t.test(`parseRate() refuses ${JSON.stringify(text)} and says what to write`, async (t) => {
    const message = `Rate "${text}" cannot be read, write a whole number above 0 for each s, m or h such as "50/s"`;
    t.throws(() => parseRate(text), { message });
  });
}
