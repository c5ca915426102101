import t from 'tap';
import { UNHEARD } from '#match/subject.ts';
import { parseHost } from '#net/host.ts';

t.test('UNHEARD is a name that no client can ask for', async (t) => {
  t.same(UNHEARD, { kind: 'name', text: '', address: undefined });
  t.ok(Object.isFrozen(UNHEARD));
  t.throws(() => parseHost(UNHEARD.text));
});
