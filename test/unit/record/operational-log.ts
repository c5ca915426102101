import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { createLog } from '#record/operational-log.ts';
import { logLines } from '../../fixtures/log-lines.ts';

t.test('createLog() writes time, level, hop and process into each line', async (t) => {
  const { log, lines } = logLines();
  log.warn({ peer: 'vm-a' }, 'Peer is down');
  t.match(lines, [{ level: 'warn', hop: 'test', pid: process.pid, peer: 'vm-a', msg: 'Peer is down' }]);
  t.match(lines[0]?.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

t.test('createLog() leaves out what is below its level', async (t) => {
  const lines: string[] = [];
  const log = createLog({ level: 'warn', name: 't1', destination: { write: (line) => lines.push(line) } });
  log.info('Said too softly');
  t.same(lines, []);
});

// Attacks: secrets.
t.test('createLog() hides credentials, at the top and one level down', async (t) => {
  const { log, lines } = logLines();
  log.info(
    {
      password: 'SECRET',
      token: 'SECRET',
      headers: { authorization: 'SECRET', 'proxy-authorization': 'SECRET', 'weir-identity': 'SECRET' },
      url: 'http://user:SECRET@example.com/a?SECRET#SECRET',
      host: 'example.com',
    },
    'Request',
  );
  t.notMatch(JSON.stringify(lines), /SECRET/);
  t.match(lines, [{ password: '[redacted]', url: 'http://example.com/a?[redacted]', host: 'example.com' }]);
});

t.test('createLog() writes an error with its code, cause and stack', async (t) => {
  const { log, lines } = logLines();
  const cause = Object.assign(new Error('inner'), { code: 'EPIPE' });
  log.error({ err: new Error('outer', { cause }) }, 'Failed');
  t.match(lines, [{ err: { type: 'Error', message: /outer.*inner/, stack: /operational-log\.ts/ } }]);
});

t.test('createLog() writes to standard error, and what is left when the process exits', async (t) => {
  const program = `
    import { createLog } from '#record/operational-log.ts';
    const log = createLog({ level: 'info', name: 't1' });
    log.info('First');
    await new Promise((resolve) => setTimeout(resolve, 50));
    log.fatal('Last');
    process.exit(3);`;
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    ['--input-type=module-typescript', '-e', program],
    {
      encoding: 'utf8',
    },
  );
  t.equal(status, 3);
  t.equal(stdout, '');
  // A write that is in flight at exit may come after the one that is made then.
  const lines = stderr.trimEnd().split('\n').sort();
  t.match(lines, [/"level":"fatal".*"msg":"Last"/, /"level":"info".*"msg":"First"/]);
  t.equal(lines.length, 2);
});

t.test('createLog() lets a process end whose standard error nobody reads, and counts the loss', async (t) => {
  const program = `
    import { createLog } from '#record/operational-log.ts';
    const log = createLog({ level: 'info', name: 't1', onDrop: (lines) => console.log('lost', lines) });
    log.info('To nobody');`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program]);
  child.stderr.destroy();
  const [stdout, [status]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  t.equal(status, 0);
  t.equal(stdout, 'lost 1\n');
});
