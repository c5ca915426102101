import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { loadConfig, parseConfig } from '#config/load.ts';
import { keyOf } from '#supervisor/protocol.ts';

const ROOT = join(import.meta.dirname, '../../..');

t.test('a configuration arrives at a worker as it is', async (t) => {
  for (const name of ['t1', 't2']) {
    const config = await loadConfig(join(ROOT, `examples/${name}.yaml`));
    t.strictSame(structuredClone(config), config, name);
  }
  const page = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8');
  for (const [, yaml = ''] of page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)) {
    const config = await parseConfig(yaml);
    t.strictSame(structuredClone(config), config, yaml);
  }
});

t.test(
  'keyOf() tells a listener by its address, and by its name where the system chose the port',
  async (t) => {
    const at = (name: string, port: number, host = '127.0.0.1') => keyOf({ name, host, port });
    t.equal(at('a', 3128), at('b', 3128));
    t.not(at('a', 3128), at('a', 3129));
    t.not(at('a', 3128), at('a', 3128, '::1'));
    t.not(at('a', 0), at('b', 0));
    t.equal(at('a', 0), at('a', 0));
  },
);
