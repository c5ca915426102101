import fc from 'fast-check';
import t from 'tap';
import { formatIpv4, parseIpv4 } from '#net/ipv4.ts';

const WELL_FORMED: readonly [string, number][] = [
  ['0.0.0.0', 0],
  ['0.0.0.1', 1],
  ['1.2.3.4', 0x0102_0304],
  ['10.0.0.0', 0x0a00_0000],
  ['127.255.255.255', 0x7fff_ffff],
  ['128.0.0.0', 0x8000_0000],
  ['255.255.255.255', 0xffff_ffff],
];

for (const [text, word] of WELL_FORMED) {
  t.test(`parseIpv4() reads ${text}`, async (t) => {
    t.equal(parseIpv4(text), word);
    t.equal(formatIpv4(word), text);
    t.equal(formatIpv4(word | 0), text, 'also from the signed word');
  });
}

const MALFORMED: Readonly<Record<string, string>> = {
  'the empty text': '',
  'three parts': '1.2.3',
  'five parts': '1.2.3.4.5',
  'an empty part': '1..2.3',
  'a leading dot': '.1.2.3',
  'a trailing dot': '1.2.3.4.',
  'an empty last part': '1.2.3.',
  'a part above 255': '1.2.3.256',
  'a part of four digits': '1.2.3.1000',
  'a leading zero': '1.2.3.04',
  'two zeros': '1.2.3.00',
  hexadecimal: '0x7f.0.0.1',
  'one number': '2130706433',
  'a space': '1.2.3. 4',
  'a sign': '1.2.3.+4',
  'a letter': '1.2.3.a',
  'a character above the digits': '1.2.3.:',
  'full-width digits': '１.2.3.4',
  'more than fifteen characters': '100.100.100.1000',
};

for (const [what, text] of Object.entries(MALFORMED)) {
  t.test(`parseIpv4() refuses ${what}`, async (t) => {
    t.equal(parseIpv4(text), -1);
  });
}

t.test('parseIpv4() reads back every word that formatIpv4() writes', async () => {
  fc.assert(
    fc.property(fc.nat(0xffff_ffff), (word) => parseIpv4(formatIpv4(word)) === word),
    { seed: 20_261_129 },
  );
});
