import t from 'tap';
import type { Config } from '#config/config.ts';
import { lintLabels } from '#study/lint/labels.ts';

/** As far as labels are read from it. */
function config(acls: Config['policy']['acls'], told?: readonly string[]) {
  return { policy: { acls, access: [] }, hop: { assert: told && { labels: told } } } as unknown as Config;
}

const ONE = { a: { podLabels: { app: 'api' } } } as unknown as Config['policy']['acls'];
const TWO = { b: { podLabels: { app: 'api', tier: 'web' } } } as unknown as Config['policy']['acls'];

t.test('lintLabels() finds what tier 2 asks for and tier 1 does not tell', async (t) => {
  t.match(lintLabels(config({}, ['app']), config(TWO)), [
    { code: 'label-only-in-tier-2', path: ['acls', 'b', 'podLabels', 'tier'], acl: 'b' },
  ]);
  t.same(lintLabels(config({}, ['app', 'tier']), config(TWO)), []);
  t.equal(lintLabels(config({}), config(TWO)).length, 2);
});

t.test(
  'lintLabels() takes the labels of its ACLs for what tier 1 tells, where it says of none',
  async (t) => {
    t.same(
      lintLabels(config(ONE), config(TWO)).map(({ path }) => path[3]),
      ['tier'],
    );
    t.equal(lintLabels(config(ONE, []), config(ONE)).length, 1, 'none is not silence');
  },
);
