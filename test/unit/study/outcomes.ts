import t from 'tap';
import { outcomesOf, representatives } from '#study/outcomes.ts';
import { allow, deny, policy } from '../../fixtures/policy.ts';
import { networks, subject } from '../../fixtures/subject.ts';

t.test('representatives() are where membership changes, and the first addresses', async (t) => {
  const found = representatives(
    networks('10.0.0.0/8', '10.0.0.0/24', '255.0.0.0/8', '2001:db8::/32', 'ff00::/8'),
  );
  t.same(
    found.map(({ text }) => text),
    ['10.0.0.0', '11.0.0.0', '10.0.1.0', '255.0.0.0', '2001:db8::', '2001:db9::', 'ff00::', '0.0.0.0', '::'],
  );
});

t.test('outcomesOf() has each rule that an address may lead to, once, with such an address', async (t) => {
  const compiled = policy(deny('private'), allow('public'), deny('tls'));
  const acls = {
    public: { dst: networks('93.184.0.0/16') },
    private: { dst: networks('10.0.0.0/8') },
    tls: {},
  };
  const outcomes = outcomesOf({ policy: compiled, acls, subject: subject() });
  t.same(
    outcomes.map(({ verdict, rule, address }) => [verdict, rule?.name, address.text]),
    [
      ['allow', 'allow public', '93.184.0.0'],
      ['deny', 'deny tls', '93.185.0.0'],
      ['deny', 'deny private', '10.0.0.0'],
    ],
  );
});
