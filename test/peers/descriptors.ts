/** A real process that has no file descriptors left, whatever it had counted on: it lives, does not spin, and serves again. */
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { RawClient } from '../fixtures/client.ts';
import { echoOrigin } from '../fixtures/origin.ts';
import { yamlOf } from '../fixtures/proxy.ts';
import { run } from '../fixtures/run.ts';
import { needTool } from '../fixtures/tools.ts';
import { metric, readiness, startWeir } from '../fixtures/weir.ts';
import { eventually } from '../fixtures/within.ts';

t.setTimeout(120_000);

/** Of user and system, in ticks of a hundredth of a second. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

// Attacks: bounded.
t.test(
  'without file descriptors the process neither ends nor spins, and serves when it has some again',
  async (t) => {
    const prlimit = await needTool(t, 'prlimit');
    if (prlimit === undefined) return;
    await using origin = await echoOrigin();
    const weir = await startWeir(t, yamlOf());
    const pid = weir.pid;
    t.equal(await readiness(weir), 200);
    await using client = await RawClient.connect(weir.port);
    t.match(await client.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
    const limit = (count: string) => run(prlimit, ['--pid', String(pid), `--nofile=${count}:`]);
    // No further one can be had.
    const highest = Math.max(...readdirSync(`/proc/${pid}/fd`).map(Number));
    t.equal((await limit(String(highest + 1))).status, 0);
    const crowd = Array.from({ length: 50 }, () => net.connect(weir.port, '127.0.0.1').on('error', () => {}));
    await delay(200);
    const before = ticksOf(pid);
    await delay(1_000);
    const ticks = ticksOf(pid) - before;
    t.ok(ticks < 30, `${ticks} of 100 ticks`);
    client.send('still here');
    await client.expect('still here');
    for (const socket of crowd) socket.destroy();
    t.equal((await limit('1024')).status, 0);
    await using next = await RawClient.connect(weir.port);
    t.match(await next.tunnel(`origin.example:${origin.port}`), /^HTTP\/1\.1 200 /);
    client.end();
    next.end();
  },
);

/** The first that it could have. */
function firstFree(pid: number): number {
  const files = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let file = 0;
  while (files.has(file)) file += 1;
  return file;
}

t.test(
  'a target that cannot be dialled for want of them: told, counted, and over when there are some',
  async (t) => {
    const prlimit = await needTool(t, 'prlimit');
    if (prlimit === undefined) return;
    await using origin = await echoOrigin();
    const weir = await startWeir(t, yamlOf());
    const { pid } = weir;
    const limit = (count: number) => run(prlimit, ['--pid', String(pid), `--nofile=${count}:`]);
    const target = `origin.example:${origin.port}`;
    let records = 0;
    const answerTo = async (form: string): Promise<string> => {
      await using client = await RawClient.connect(weir.port);
      // Answered without a dial: the connection is taken. A count of files would not say so, as others close meanwhile.
      client.send('HEAD http://192.0.2.1/ HTTP/1.1\r\nHost: x\r\n\r\n');
      t.match(await client.head(), /^HTTP\/1\.1 403 /);
      await limit(firstFree(pid));
      client.send(`${form}\r\nHost: x\r\nConnection: close\r\n\r\n`);
      client.end();
      const answer = await client.rest();
      await limit(1024);
      // Both of its connections are closed by then: one that is yet to be closed would make room for the next dial.
      records += 2;
      await weir.ended(records);
      return answer;
    };
    for (const form of [`CONNECT ${target} HTTP/1.1`, `GET http://${target}/ HTTP/1.1`]) {
      let answer = '';
      // A file that it had open for a moment is one that it can have.
      await eventually(async () => {
        answer = await answerTo(form);
        return !answer.startsWith('HTTP/1.1 200 ');
      }, 'none to be left');
      t.match(answer, /^HTTP\/1\.1 503 .+\r\n(.+\r\n)*Proxy-Status: t;error=[a-z_]+;details="saturated"/);
      t.match(answer, /raise the limit of open files or add an instance/);
    }
    for (const method of ['CONNECT', 'GET']) {
      const record = await weir.record(
        ({ reason, ...line }) => reason === 'saturated' && line.method === method,
      );
      t.match(record, { outcome: 'failed', status: 503, detail: /EMFILE/ });
      const series = `weir_requests_total{listener="main",method="${method}",outcome="failed",reason="saturated"}`;
      t.equal(await metric(weir, series), 1);
    }
    await using next = await RawClient.connect(weir.port);
    t.match(await next.tunnel(target), /^HTTP\/1\.1 200 /);
  },
);
