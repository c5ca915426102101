import t from 'tap';
import { identityOfNode } from '#pods/node-identity.ts';

t.test('identityOfNode() names the node, and knows nothing else', async (t) => {
  t.match(identityOfNode('node-1'), { pod: 'node/node-1', namespace: undefined, namespaceLabels: undefined });
  t.equal(identityOfNode('n'.repeat(300)).pod?.length, 253);
});
