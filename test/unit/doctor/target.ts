import t from 'tap';
import { parseTarget } from '#doctor/target.ts';

t.test('parseTarget() reads every form', async (t) => {
  for (const [text, expected] of [
    ['a.example', { speech: 'tls', text: 'a.example:443', path: '/' }],
    ['a.example:8443', { speech: 'tls', text: 'a.example:8443' }],
    ['https://A.example/x?y', { speech: 'tls', text: 'a.example:443' }],
    ['HTTP://a.example', { speech: 'http', text: 'http://a.example:80/', path: '/' }],
    [
      'http://a.example:81/x?secret#part',
      { speech: 'http', text: 'http://a.example:81/', path: '/x?secret' },
    ],
    ['http://a.example?q', { path: '/?q' }],
    ['tcp://[2001:db8::1]:22', { speech: 'tcp', text: '[2001:db8::1]:22' }],
  ] as const) {
    t.match(parseTarget(text), expected, text);
  }
});

t.test('parseTarget() refuses the rest, and does not repeat it', async (t) => {
  for (const [text, message] of [
    ['ftp://a.example', /^Target has the scheme "ftp", write host:port/],
    ['tcp://a.example', /^Target has no port/],
    ['https://me:secret@a.example', /^Target has credentials, which are not needed/],
    ['a b', /^Target cannot be read, write one such as login\.microsoft\.com:443$/],
    ['a:99999', /^Target cannot be read/],
    ['', /^Target cannot be read/],
  ] as const) {
    t.throws(() => parseTarget(text), { message }, text);
  }
});
