import t from 'tap';
import { answerId, OPAQUE } from '#study/space/axis.ts';

t.test('answerId() is another for every hop, ACL and key', async (t) => {
  const ids = [0, 1].flatMap((hop) =>
    ['a', '1/a', 'a/src'].flatMap((acl) => ['src', 'dst'].map((key) => answerId(hop, acl, key))),
  );
  t.equal(new Set(ids).size, ids.length);
});

t.test(
  'OPAQUE has first what needs nothing from the client, as members of a region begin there',
  async (t) => {
    t.same(Object.keys(OPAQUE), ['Unknown', 'False', 'True']);
    t.same(Object.values(OPAQUE), [0, 1, 2]);
  },
);
