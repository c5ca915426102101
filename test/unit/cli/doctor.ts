/** The command line of it; what it finds is in test/flow/doctor.ts, and that it finds it from the command line in test/peers/doctor.ts. */
import { join } from 'node:path';
import t from 'tap';
import { weir } from '../../fixtures/weir.ts';

t.test('weir doctor refuses what it cannot read, and repeats no secret', async (t) => {
  const folder = t.testdir({ 'no.pem': 'x' });
  const asked = [
    [['ftp://a.x'], 64, /^Target has the scheme "ftp"/],
    [['a.x', '--proxy', 'http://me:geheim@p'], 64, /^Proxy cannot be read as host and port/],
    [['a.x', '--timeout', '5'], 64, /^Duration "5" cannot be read/],
    [['a.x', '--lang', 'go', '--proxy', 'p:1'], 64, /mutually exclusive/],
    [['a.x', '--proxy', 'p:1', '--ca', join(folder, 'no.pem')], 64, /no\.pem: The file has no certificate/],
    [['a.x', '--proxy', 'p:1', '--ca', join(folder, 'none.pem')], 66, /^Cannot read .*no such file/],
  ] as const;
  const ended = await Promise.all(asked.map(([args]) => weir('doctor', ...args)));
  for (const [index, [args, status, message]] of asked.entries()) {
    t.match(ended[index], { status, stdout: '', stderr: message }, args.join(' '));
    t.notMatch(ended[index]?.stderr, /geheim/);
  }
});
