import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { meetingPoint, openMeetingPoint, reach } from '#supervisor/meeting-point.ts';

/** Its path is short, as that of a Unix socket has to be. */
function folderFor(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-mp-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

t.test('who finds the socket is let in, and nobody else finds it', async (t) => {
  const folder = folderFor(t);
  t.equal(await reach(folder), undefined, 'nobody is there');
  writeFileSync(meetingPoint(folder), 'left by one that was killed');
  const arrived = Promise.withResolvers<Socket>();
  const door = await openMeetingPoint(folder, arrived.resolve);
  t.equal(statSync(meetingPoint(folder)).mode & 0o777, 0o600);
  const socket = await reach(folder);
  const other = await arrived.promise;
  socket?.end('hello');
  t.equal(String((await once(other, 'data'))[0]), 'hello');
  door.close();
  other.destroy();
  t.equal(await reach(folder), undefined, 'the door is closed');
});

t.test('a directory that others may enter is no meeting point', async (t) => {
  const folder = folderFor(t);
  chmodSync(folder, 0o755);
  await t.rejects(
    openMeetingPoint(folder, () => {}),
    /Others may enter/,
  );
  await t.rejects(
    openMeetingPoint(join(folder, 'gone'), () => {}),
    { code: 'ENOENT' },
  );
});
