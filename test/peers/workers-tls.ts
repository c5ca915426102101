/** One real supervisor with four real workers behind TLS: certificates that are new on disk serve new connections of all of them. */
import { once } from 'node:events';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import tls from 'node:tls';
import t, { type Test } from 'tap';
import type { WeirProcess } from '../../scripts/lib/weir-process.ts';
import { RawClient } from '../fixtures/client.ts';
import { owned } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { Issuer } from '../fixtures/tls.ts';
import { say, Traffic } from '../fixtures/traffic.ts';
import { startWeir } from '../fixtures/weir.ts';
import { onEach, RELOADED, startWorkers } from '../fixtures/workers.ts';

t.setTimeout(120_000);

const WORKERS = 4;
const CHAIN = `{ near: { src: [127.0.0.0/8] }, old: { clientCerts: ["dns:old.test"] }, new: { clientCerts: ["dns:new.test"] } }`;

const issuer = await Issuer.open();
t.teardown(() => issuer[Symbol.asyncDispose]());
const [first, second] = await Promise.all([
  issuer.issue('old', { names: 'DNS:old.test,IP:127.0.0.1' }),
  issuer.issue('new', { names: 'DNS:new.test,IP:127.0.0.1' }),
]);
const traffic = await Traffic.to(t);

/** Files whose content changes, and the writing of it as a pair. */
async function liveFiles(
  name: string,
): Promise<{ cert: string; key: string; write(from: typeof first): Promise<void> }> {
  const [cert, key] = [join(issuer.folder, `${name}.pem`), join(issuer.folder, `${name}.key`)];
  const write = async ({ certFile, keyFile }: typeof first): Promise<void> => {
    await copyFile(certFile, cert);
    await copyFile(keyFile, key);
  };
  await write(first);
  return { cert, key, write };
}

/** A tunnel over TLS that carries bytes, and whose certificate it was. */
async function openOver(t: Test, { port }: WeirProcess): Promise<{ client: RawClient; name: unknown }> {
  const socket = tls.connect({ port, host: '127.0.0.1', ca: issuer.ca });
  await once(socket, 'secureConnect');
  const name = socket.getPeerCertificate().subject.CN;
  const client = owned(t, RawClient.over(socket));
  await client.tunnel(`origin.example:${traffic.echoPort}`);
  await say(client, 'hello');
  return { client, name };
}

t.test('a listener: new connections of every worker get the new one, and no tunnel ends', async (t) => {
  const { cert, key, write } = await liveFiles('listener');
  const weir = await startWorkers(t, {
    workers: String(WORKERS),
    listeners: `[{ name: main, address: 127.0.0.1:0, tls: { cert: ${cert}, key: ${key} } }]`,
  });
  const before = await onEach(weir, () => openOver(t, weir));
  t.same(
    before.map(({ name }) => name),
    Array(WORKERS).fill('old'),
  );
  await write(second);
  await weir.logged(RELOADED);
  const after = await onEach(weir, () => openOver(t, weir));
  t.same(
    after.map(({ name }) => name),
    Array(WORKERS).fill('new'),
  );
  for (const { client } of [...before, ...after]) await say(client, 'still here');
  t.same(await weir.ended(0), []);
});

t.test('a peer: connections that wait are those of the new one, and no tunnel ends', async (t) => {
  const { cert, key, write } = await liveFiles('peer');
  const files = `cert: ${first.certFile}, key: ${first.keyFile}, clientCa: ${issuer.caFile}`;
  const t2 = await startWeir(
    t,
    yamlOf({
      name: 't2',
      listeners: `[{ name: main, address: 127.0.0.1:0, tls: { ${files} } }]`,
      acls: CHAIN,
      access: '[{ name: old, allow: [old] }, { name: new, allow: [new] }]',
    }),
  );
  const weir = await startWorkers(t, {
    workers: String(WORKERS),
    peers: `{ p: { address: "127.0.0.1:${t2.port}", standby: 8, tls: { ca: ${issuer.caFile}, cert: ${cert}, key: ${key} } } }`,
    routes: '[{ name: out, peers: [p] }]',
  });
  const before = (await onEach(weir, () => traffic.openTunnels(t, weir, 2))).flat();
  await write(second);
  await weir.logged(RELOADED);
  const after = (await onEach(weir, () => traffic.openTunnels(t, weir, 2))).flat();
  for (const client of [...before, ...after]) await say(client, 'still here');
  const opened = await t2.until('all tunnels in the log', () => {
    const records = t2.records.filter(({ event }) => event === 'open');
    return records.length >= before.length + after.length ? records : undefined;
  });
  const rules = opened.map(({ rule }) => rule);
  t.same(rules, [...Array(before.length).fill('old'), ...Array(after.length).fill('new')]);
  t.same(await weir.ended(0), []);
});
