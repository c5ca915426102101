import t from 'tap';
import type { PolicyOptions } from '#acl/policy.ts';
import { findOpaque } from '#study/space/opaque.ts';
import { networks } from '../../../fixtures/subject.ts';

function policy(acls: Record<string, object>): PolicyOptions {
  return { acls, access: [] };
}

function found(...policies: readonly PolicyOptions[]): string[] {
  return findOpaque(policies.map((each) => ({ policy: each, listeners: [] }))).map(({ key, places }) => {
    return `${key}: ${places.map(({ hop, acl }) => `${hop}/${acl}`).join(' ')}`;
  });
}

t.test('findOpaque() takes what is written alike at one hop for the same', async (t) => {
  t.same(
    found(
      policy({
        a: { users: ['x'], src: networks('10.0.0.0/8') },
        b: { users: ['x'] },
        c: { users: ['y'] },
        d: { users: undefined },
      }),
    ),
    ['users: 0/a 0/b', 'users: 0/c'],
  );
});

t.test('findOpaque() takes alike at two hops only what judges the target', async (t) => {
  const acls = policy({ a: { users: ['x'] }, b: { dstDomainRegex: ['x'] } });
  t.same(found(acls, acls), ['users: 0/a', 'dstDomainRegex: 0/b 1/b', 'users: 1/a']);
});

t.test('findOpaque() takes nothing for the same that cannot be written down', async (t) => {
  t.same(found(policy({ a: { users: new Set(['x']) }, b: { users: new Set(['y']) } })), [
    'users: 0/a',
    'users: 0/b',
  ]);
});
