/** A real Weir whose cache is on a disk that is full: what cannot be kept there is counted and told of, and traffic goes on. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { httpOrigin } from '../fixtures/origin.ts';
import { owned } from '../fixtures/owned.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { smallDisk, withOwnDisks } from '../fixtures/small-disk.ts';
import { metric, readiness, startWeir } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';

t.setTimeout(120_000);

const DROPPED = 'weir_cache_disk_faults_total{fault="dropped"}';
const WRITE_FAULTS = 'weir_cache_disk_faults_total{fault="write"}';
const ON_DISK = 'weir_cache_objects{store="disk"}';
const IS_UP = 'weir_cache_disk_up';

async function goesOn(t: Test): Promise<void> {
  const disk = await smallDisk(t, 4096);
  const origin = owned(
    t,
    await httpOrigin((_request, response) => {
      response.writeHead(200, { 'Cache-Control': 'max-age=3600', 'Content-Length': 10_000 });
      response.end('x'.repeat(10_000));
    }),
  );
  const weir = await startWeir(
    t,
    yamlOf({
      access: '[{ name: everyone, allow: [all], cache: true }]',
      cache: `{ disk: { path: ${join(disk.folder, 'kept')}, size: 64MiB } }`,
    }),
  );
  const ask = async (path: string): Promise<string> => {
    await using client = await RawClient.connect(weir.port);
    client.send(`GET http://origin.example:${origin.port}/${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    return await client.until((text) => text.endsWith('x'.repeat(10_000)));
  };
  await ask('first');
  await eventually(async () => (await metric(weir, ON_DISK)) === 1, 'it to be written');
  t.equal(await metric(weir, IS_UP), 1);

  disk.fill();
  t.match(await ask('second'), /^HTTP\/1\.1 200 OK/);
  await weir.logged('Cannot use the cache on disk as it should be');
  t.same([await metric(weir, WRITE_FAULTS), await metric(weir, IS_UP)], [1, 0]);
  for (let i = 0; i < 5; i += 1)
    t.match(await ask(`more-${i}`), /Cache-Status: t;fwd=uri-miss;ttl=\d+;stored/);
  t.equal(await metric(weir, WRITE_FAULTS), 1, 'it is not tried again at once');
  t.equal(await metric(weir, DROPPED), 5);
  t.match(await ask('second'), /Cache-Status: t;hit/, 'memory keeps on');
  t.equal(await metric(weir, ON_DISK), 1, 'and so does what is on disk');
  t.equal(await readiness(weir), 200);
  t.equal(weir.log.filter(({ fault }) => fault === 'write').length, 1, 'told of once');
}

function whole(): void {
  t.test('traffic goes on while the disk of the cache is full', goesOn);
}

await withOwnDisks(t, import.meta.filename, whole);
