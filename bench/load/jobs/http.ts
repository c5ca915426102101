/**
 * Plain HTTP over connections that are kept alive, by autocannon. Its own latencies are whole milliseconds and it notices its
 * end late, so both are taken from its `response` events.
 */
import assert from 'node:assert/strict';
import autocannon, { type Options, type Report } from 'autocannon';
import type { HttpJob, Told } from '../job.ts';
import { Latencies } from '../latencies.ts';
import { patternOf } from '../pattern.ts';

/** How often autocannon looks whether it is done. */
const SAMPLE_MS = 50;

function optionsOf({ target, via, method, path, bodyBytes, connections, amount }: HttpJob): Options {
  const authority = `${target.host}:${target.port}`;
  const { host, port } = via ?? target;
  return {
    url: `http://${host}:${port}`,
    connections,
    amount,
    sampleInt: SAMPLE_MS,
    requests: [
      {
        method,
        // A proxy is asked for the whole URL (RFC 9112 section 3.2.2).
        path: via === undefined ? path : `http://${authority}${path}`,
        headers: { host: authority },
        ...(bodyBytes === 0 ? {} : { body: patternOf(bodyBytes) }),
      },
    ],
  };
}

export async function http(job: HttpJob): Promise<Told> {
  const latencies = new Latencies();
  const { promise, resolve, reject } = Promise.withResolvers<Report>();
  const start = performance.now();
  let endMs = start;
  let received = 0;
  const run = autocannon(optionsOf(job), (error, report) => (error ? reject(error) : resolve(report)));
  run.on('response', (...[, , bytes, ms]) => {
    endMs = performance.now();
    received += bytes;
    latencies.record(ms);
  });
  const report = await promise;
  assert.equal(report['2xx'], job.amount, `Only ${report['2xx']} of ${job.amount} answers are 2xx`);
  assert.equal(report.errors + report.timeouts, 0, `${report.errors} errors, ${report.timeouts} timeouts`);
  assert.ok(received >= job.amount * job.answerBytes, 'The answers are too short');
  return { seconds: (endMs - start) / 1000, latency: latencies.told() };
}
