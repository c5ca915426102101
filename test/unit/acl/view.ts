import t from 'tap';
import { viewOf } from '#acl/view.ts';
import { ip, subject } from '../../fixtures/subject.ts';

t.test('viewOf() copies all but the address, which can be set', async (t) => {
  const asked = subject({
    destination: '10.0.0.1',
    url: 'http://x/',
    headers: ['A', 'b'],
    user: 'alice',
    identity: { namespace: 'api' },
    clientCert: ['cn:x'],
    sni: 'x.com',
  });
  const view = viewOf(asked);
  t.same(view, { ...asked, destination: undefined });
  view.destination = ip('10.0.0.2');
  t.equal(asked.destination?.text, '10.0.0.1');
});
