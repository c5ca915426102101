import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ApiFault, ApiSession, faultOfStatus } from '#pods/api-session.ts';
import { ApiServer } from '../../fixtures/api-server.ts';
import { v1Pod } from '../../fixtures/pods.ts';
import { Issuer } from '../../fixtures/tls.ts';

const NO_FILES = { tokenFile: undefined, caFile: undefined };

async function faultIn(work: Promise<unknown>): Promise<ApiFault | undefined> {
  return await work.then(
    () => undefined,
    (error: unknown) => error as ApiFault,
  );
}

t.test('a session shows the token as it is in its file when it begins, over TLS', async (t) => {
  await using issuer = await Issuer.open();
  const own = await issuer.issue('api', { names: 'IP:127.0.0.1' });
  await using api = await ApiServer.start({ token: 'second', tls: own });
  const tokenFile = join(t.testdir({}), 'token');
  const options = { server: api.url, tokenFile, caFile: issuer.caFile };
  writeFileSync(tokenFile, 'first\n');
  let bytes = 0;
  const old = await ApiSession.open(options, () => {});
  t.match(await faultIn(old.page('/api/v1/pods?limit=1')), {
    trouble: 'refused',
    message: 'The API server says 401: Failure with 401',
  });
  await old.close();
  writeFileSync(tokenFile, 'second\n');
  const session = await ApiSession.open(options, () => {
    bytes += 1;
  });
  t.match(await session.page('/api/v1/pods?limit=1'), { items: [] });
  t.ok(bytes >= 2, 'that it answered, and its bytes');
  await session.close();
});

t.test('open() says what it lacks', async (t) => {
  const open = (options: object) =>
    faultIn(ApiSession.open({ server: 'https://a', ...NO_FILES, ...options }, () => {}));
  t.match(await open({ server: undefined }), { trouble: 'credentials', message: 'No API server is known' });
  t.match(await open({ tokenFile: '/nowhere' }), {
    trouble: 'credentials',
    message: 'Cannot read "/nowhere": ENOENT',
  });
  t.match(await open({ caFile: '/nowhere' }), { trouble: 'credentials' });
  t.match(await open({ server: 'nonsense' }), { trouble: 'credentials' });
  const file = join(t.testdir({ token: 'x' }), 'token');
  chmodSync(file, 0o600);
  t.equal(await open({ tokenFile: file }), undefined);
});

t.test('events() gives what comes, and says how it ended', async (t) => {
  await using api = await ApiServer.start();
  api.put(v1Pod());
  const session = await ApiSession.open({ server: api.url, ...NO_FILES }, () => {});
  const events = session.events('/api/v1/pods?watch=true&resourceVersion=0');
  t.match((await events.next()).value, { type: 'ADDED', object: { metadata: { uid: 'u1' } } });
  api.sendRaw('nonsense\n');
  t.match(await faultIn(events.next()), { trouble: 'malformed' });
  api.compact();
  const expired = session.events('/api/v1/pods?watch=true&resourceVersion=0');
  t.match(await faultIn(expired.next()), { trouble: 'expired' });
  const broken = session.events('/api/v1/pods?watch=true&resourceVersion=900');
  const ended = faultIn(broken.next());
  await api.untilWatched();
  api.drop();
  t.match(await ended, { trouble: 'disconnected' });
  await session.close();
});

t.test('whoever has heard enough ends it', async (t) => {
  await using api = await ApiServer.start();
  api.put(v1Pod());
  const session = await ApiSession.open({ server: api.url, ...NO_FILES }, () => {});
  for await (const event of session.events('/api/v1/pods?watch=true&resourceVersion=0')) {
    t.match(event, { type: 'ADDED' });
    break;
  }
  await api.untilWatched(0);
  const others = session.events('/api/v1/pods?watch=true&resourceVersion=900');
  const ended = others.next();
  await api.untilWatched();
  api.endWatches();
  t.same(await ended, { value: undefined, done: true }, 'or the server does');
  await session.close();
});

t.test('page() bounds what it reads, and says what a server says that is no status', async (t) => {
  await using api = await ApiServer.start();
  api.next((response) => {
    response.statusCode = 502;
    response.end('<html>');
  });
  const session = await ApiSession.open({ server: api.url, ...NO_FILES }, () => {});
  t.match(await faultIn(session.page('/x')), { trouble: 'failed', message: 'The API server says 502' });
  api.next((response) => {
    response.statusCode = 500;
    response.write('begun', () => response.destroy());
  });
  t.match(await faultIn(session.page('/x')), { trouble: 'failed', message: 'The API server says 500' });
  api.next((response) => {
    const piece = Buffer.alloc(1024 * 1024, ' ');
    for (let at = 0; at <= 128; at += 1) response.write(piece);
    response.end();
  });
  t.match(await faultIn(session.page('/x')), { trouble: 'malformed', message: /^The answer has more than/ });
  await session.close();
});

t.test('faultOfStatus() tells what went wrong, and not more than a line of it', async (t) => {
  t.match(faultOfStatus({ code: 410, message: 'x'.repeat(1000) }), {
    trouble: 'expired',
    message: /^The API server says 410: x{300}$/,
  });
  t.match(faultOfStatus({ code: 403 }), { trouble: 'refused', message: 'The API server says 403' });
  t.match(faultOfStatus(undefined), { trouble: 'failed', message: 'The API server says undefined' });
  t.ok(faultOfStatus({}) instanceof ApiFault);
});
