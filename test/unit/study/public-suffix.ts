import t from 'tap';
import { isPublicSuffix } from '#study/public-suffix.ts';

t.test('isPublicSuffix() knows what anybody can have a name under', async (t) => {
  const names = ['com', 'co.uk', 'github.io', 'xn--p1ai', 's3.amazonaws.com'];
  t.same(names.filter(isPublicSuffix), names);
});

t.test('isPublicSuffix() says no of what somebody has, and of what is on no list', async (t) => {
  const names = ['example.com', 'amazonaws.com', 'x.github.io', 'internal', 'svc.cluster.local', '10.0.0.1'];
  t.same(names.filter(isPublicSuffix), []);
});
