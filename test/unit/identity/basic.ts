import t from 'tap';
import { credentialsOf } from '#identity/basic.ts';

const encode = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const basic = (text: string | Buffer): string[] => ['Proxy-Authorization', `Basic ${encode(text)}`];

t.test('credentialsOf() reads a name and a password', async (t) => {
  t.same(credentialsOf(basic('alice:secret')), { user: 'alice', password: 'secret' });
  t.same(credentialsOf(basic('alice:a:b')), { user: 'alice', password: 'a:b' }, 'the first colon counts');
  t.same(credentialsOf(basic('zoë:pässword')), { user: 'zoë', password: 'pässword' });
  t.same(credentialsOf(basic('alice:')), { user: 'alice', password: '' });
  t.same(credentialsOf(['X', 'y', 'pROXY-aUTHORIZATION', `bASIC   ${encode('a:b')}`]), {
    user: 'a',
    password: 'b',
  });
});

const NONE: Readonly<Record<string, readonly string[]>> = {
  'no field': ['Host', 'x'],
  'the field for origins': ['Authorization', `Basic ${encode('a:b')}`],
  'two fields': [...basic('a:b'), ...basic('a:b')],
  'another scheme': ['Proxy-Authorization', `Bearer ${encode('a:b')}`],
  'no colon': basic('alice'),
  'no name': basic(':secret'),
  'what is no base64': ['Proxy-Authorization', 'Basic a:b'],
  'what is no UTF-8': basic(Buffer.of(0x61, 0x3a, 0xff)),
  'what is too long': basic(`a:${'b'.repeat(2000)}`),
  'an empty value': ['Proxy-Authorization', ''],
};

for (const [what, headers] of Object.entries(NONE)) {
  t.test(`credentialsOf() finds none in ${what}`, async (t) => {
    t.equal(credentialsOf(headers), undefined);
  });
}
