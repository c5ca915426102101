import { join } from 'node:path';
import t from 'tap';
import { WEIR } from '../../../scripts/lib/weir-process.ts';
import { configText } from '../../fixtures/config.ts';
import { run } from '../../fixtures/run.ts';
import { weir } from '../../fixtures/weir.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');

t.test('weir diagram draws files, and standard input', async (t) => {
  const both = await weir('diagram', join(EXAMPLES, 't1.yaml'), join(EXAMPLES, 't2.yaml'));
  t.match(both, { status: 0, stderr: '', stdout: /^flowchart LR\n[\s\S]*subgraph tier2\["t2"\]/ });
  const piped = await run(WEIR, ['diagram', '-'], { input: configText() });
  t.match(piped, { status: 0, stdout: /"rule 1: tls/ });
});

t.test('weir diagram refuses what it cannot draw', async (t) => {
  const bad = await run(WEIR, ['diagram', '-'], { input: 'name: [' });
  t.match(bad, { status: 78, stdout: '', stderr: /^<stdin>:1:/ });
  const twice = await run(WEIR, ['diagram', '-', '-'], { input: configText() });
  t.match(twice, { status: 64, stdout: '', stderr: /^Standard input can be read only once$/m });
});
