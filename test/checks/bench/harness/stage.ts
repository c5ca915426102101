/** Nothing is timed that is not right: jobs succeed through a relay, and each proof catches a proxy that is wrong. */
import net from 'node:net';
import t, { type Test } from 'tap';
import { Stage } from '../../../../bench/harness/stage.ts';
import type { Address, Job, OriginPorts } from '../../../../bench/load/job.ts';
import { relay } from '../../../../bench/subjects/forked.ts';

const HOST = '127.0.0.1';
const BYTES = 500_000;

/** A relay that sends what comes from the origin through `spoil`. */
async function spoiler(t: Test, spoil: (bytes: Buffer) => Buffer): Promise<Address> {
  const server = net.createServer((client) => {
    client.on('error', () => {});
    client.once('data', (head) => {
      const port = Number(/:(\d+) /.exec(head.toString())?.[1]);
      const origin = net.connect(port, HOST, () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
      origin.on('error', () => {});
      client.pipe(origin);
      origin.on('data', (bytes: Buffer) => client.write(spoil(bytes)));
      origin.on('close', () => client.end());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  t.teardown(() => server.close());
  return { host: HOST, port: (server.address() as net.AddressInfo).port };
}

function jobs({ echo, bulk }: OriginPorts, via: Address): Readonly<Record<string, Job>> {
  const moved = {
    kind: 'bulk' as const,
    target: { host: HOST, port: bulk },
    via,
    tunnels: 2,
    bytes: BYTES,
    isCompared: true,
  };
  return {
    tunnels: { kind: 'tunnels', target: { host: HOST, port: echo }, via, count: 20, parallel: 4 },
    hold: { kind: 'hold', target: { host: HOST, port: echo }, via, count: 5 },
    download: { ...moved, direction: 'down' },
    upload: { ...moved, direction: 'up' },
  };
}

t.test('jobs go well through a relay', async (t) => {
  await using stage = await Stage.start();
  await using way = await relay.start({ ports: stage.ports, domains: undefined });
  for (const [name, job] of Object.entries(jobs(stage.ports, way.via as Address))) {
    t.ok((await stage.run(job)).seconds > 0, name);
  }
  const { latency } = await stage.run(jobs(stage.ports, way.via as Address).tunnels as Job);
  t.ok(latency !== undefined && latency.p50 > 0 && latency.p50 <= latency.p99 && latency.p99 <= latency.max);
});

t.test('a flipped byte, a refusal and HTTP that is cut short make a measurement void', async (t) => {
  await using stage = await Stage.start();
  const flip = (bytes: Buffer): Buffer => {
    const copy = Buffer.from(bytes);
    copy[0] = (copy[0] ?? 0) ^ 1;
    return copy;
  };
  const { tunnels, download, upload } = jobs(stage.ports, await spoiler(t, flip));
  await t.rejects(stage.run(tunnels as Job), { message: 'The echo differs' });
  await t.rejects(stage.run(download as Job), /The bytes after 0 differ/);
  await t.rejects(stage.run(upload as Job), /The origin did not get what was sent/);
  const http = { target: { host: HOST, port: stage.ports.http } };
  await t.rejects(
    stage.run({ kind: 'tunnels', target: http.target, via: http.target, count: 1, parallel: 1 }),
    /Cannot CONNECT|closed before|hang up|ECONNRESET/,
  );
  const get = {
    kind: 'http' as const,
    ...http,
    method: 'GET' as const,
    bodyBytes: 0,
    connections: 2,
    amount: 10,
  };
  t.ok((await stage.run({ ...get, path: '/1000', answerBytes: 1000 })).latency, 'answers that are whole');
  await t.rejects(stage.run({ ...get, path: '/10', answerBytes: 1000 }), {
    message: 'The answers are too short',
  });
});

t.test('Stage gives up a job that comes to no end', async (t) => {
  await using stage = await Stage.start();
  const silent = net.createServer();
  await new Promise<void>((resolve) => silent.listen(0, HOST, resolve));
  t.teardown(() => silent.close());
  const via = { host: HOST, port: (silent.address() as net.AddressInfo).port };
  const job = { kind: 'tunnels', target: via, via, count: 1, parallel: 1 } as const;
  await t.rejects(stage.run(job, 300), { message: /^The job took longer than 0.3 s: / });
  await t.rejects(stage.run(job, 300), { message: /has ended/ });
});
