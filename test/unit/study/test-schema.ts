import t from 'tap';
import { testSchema } from '#study/test-schema.ts';

const TEST = {
  name: 'pods log in',
  from: { ip: '10.128.0.7', user: 'alice' },
  target: 'a.example:443',
  at: '2026-11-23Z',
  address: '20.1.2.3',
  expect: { verdict: 'allow', rule: null },
};

t.test('testSchema reads addresses and times', async (t) => {
  t.match(testSchema.parse({ tests: [TEST] }), {
    tests: [
      {
        from: { ip: { text: '10.128.0.7' }, user: 'alice' },
        at: Date.UTC(2026, 10, 23),
        address: { text: '20.1.2.3' },
        expect: { rule: null },
      },
    ],
  });
});

const BAD: Readonly<Record<string, object>> = {
  'no tests': { tests: [] },
  'a key that it does not know': { tests: [{ ...TEST, when: 'now' }] },
  'an address that is none': { tests: [{ ...TEST, address: 'here' }] },
  'a time without its zone': { tests: [{ ...TEST, at: '2026-11-23T10:00' }] },
  'another verdict': { tests: [{ ...TEST, expect: { verdict: 'maybe' } }] },
  'a name that is empty': { tests: [{ ...TEST, name: '' }] },
};

for (const [what, value] of Object.entries(BAD)) {
  t.test(`testSchema refuses ${what}`, async (t) => {
    t.notOk(testSchema.safeParse(value).success);
  });
}
