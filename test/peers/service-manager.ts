/** Weir as systemd starts it, with a `systemd-notify` that writes down what it is to tell. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { keep } from '../fixtures/weir.ts';

const NOTIFY = `#!/bin/sh
echo "$1" >> "$TOLD"
`;

for (const workers of ['1', '2']) {
  t.test(`with workers: ${workers} systemd is told of the whole life of the service`, async (t) => {
    const folder = t.testdir({ 'systemd-notify': NOTIFY, 'weir.yaml': yamlOf({ workers }), told: '' });
    chmodSync(join(folder, 'systemd-notify'), 0o755);
    const told = join(folder, 'told');
    const env = {
      NOTIFY_SOCKET: '/run/systemd/notify',
      PATH: `${folder}:${process.env.PATH}`,
      TOLD: told,
    };
    const weir = keep(t, await WeirProcess.startUnder(env, join(folder, 'weir.yaml')));
    weir.signal('SIGHUP');
    await weir.logged('Configuration reloaded');
    writeFileSync(join(folder, 'weir.yaml'), 'name: {');
    await weir.logged('Cannot reload the configuration, the old one serves on');
    weir.signal('SIGTERM');
    t.match(await weir.exited, { code: 0 });
    t.same(readFileSync(told, 'utf8').trim().split('\n'), [
      'READY=1',
      'RELOADING=1',
      'READY=1',
      'RELOADING=1',
      'READY=1',
      'STOPPING=1',
    ]);
  });
}
