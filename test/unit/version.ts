import process from 'node:process';
import t from 'tap';
import { describeVersion } from '#version.ts';
import packageJson from '../../package.json' with { type: 'json' };

t.test('describeVersion() names the sources where nothing was built, and Node', async (t) => {
  t.equal(describeVersion(), `${packageJson.version} (sources, Node ${process.versions.node})`);
});
