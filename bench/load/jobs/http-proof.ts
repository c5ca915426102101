/** Two requests on one connection, their bytes compared: that it is the right body, and that the connection is kept alive. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import nodeHttp, { type Agent, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { KEPT_NUMBER } from '../answers.ts';
import type { HttpProofJob, Told } from '../job.ts';
import { isPattern, patternOf } from '../pattern.ts';

interface Answer {
  readonly status: number | undefined;
  readonly body: Buffer;
  readonly isReused: boolean;
  /** Which of the answers for a cache to keep it is. */
  readonly number: string | undefined;
}

async function ask({ target, via, method, bytes, isKept }: HttpProofJob, agent: Agent): Promise<Answer> {
  const authority = `${target.host}:${target.port}`;
  const path = method === 'GET' ? `${isKept === true ? '/kept' : ''}/${bytes}` : '/digest';
  const { host, port } = via ?? target;
  const request = nodeHttp.request({
    agent,
    host,
    port,
    method,
    path: via === undefined ? path : `http://${authority}${path}`,
    headers: { host: authority },
  });
  const body = method === 'POST' ? patternOf(bytes) : undefined;
  if (body !== undefined) request.setHeader('content-length', body.length);
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return {
    status: response.statusCode,
    body: await buffer(response),
    isReused: request.reusedSocket,
    number: response.headers[KEPT_NUMBER] as string | undefined,
  };
}

export async function httpProof(job: HttpProofJob): Promise<Told> {
  const agent = new nodeHttp.Agent({ keepAlive: true, maxSockets: 1 });
  const digest = createHash('sha256').update(patternOf(job.bytes)).digest('hex');
  const numbers = new Set<string | undefined>();
  try {
    for (const isSecond of [false, true]) {
      const { status, body, isReused, number } = await ask(job, agent);
      assert.equal(status, 200, `The answer is ${status}: ${body.toString('latin1', 0, 200)}`);
      if (job.method === 'GET')
        assert.ok(body.length === job.bytes && isPattern(body, 0), 'The body differs');
      else assert.equal(body.toString(), digest, 'The origin got another body');
      assert.equal(isReused, isSecond, 'The connection was not kept alive');
      numbers.add(number);
    }
  } finally {
    agent.destroy();
  }
  assert.equal(numbers.size, 1, 'The second answer was no hit');
  return {};
}
