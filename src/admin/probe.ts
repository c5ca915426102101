/**
 * Asks an admin address, as a client, whether the proxy behind it is ready. The agent is our own, so that no proxy
 * variable of the environment (NODE_USE_ENV_PROXY) sends the question elsewhere.
 */
import { Agent, get, type IncomingMessage } from 'node:http';

/** Whose answer is longer is no admin server. */
const MAX_CHARS = 4096;

/** Whose readiness is asked, and for how long. */
export interface ProbeOptions {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}

/** What came back: `undefined` for ready, else one line on why not. Never throws. */
export function probeReadiness({ host, port, timeoutMs }: ProbeOptions): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const signal = AbortSignal.timeout(timeoutMs);
  const agent = new Agent();
  const headers = { Accept: 'application/json' };
  const request = get({ host, port, path: '/readyz', agent, signal, headers }, (response) => {
    resolve(faultIn(response));
  });
  request.on('error', (error: NodeJS.ErrnoException) => {
    resolve(signal.aborted ? `no answer in ${timeoutMs} ms` : (error.code ?? error.message));
  });
  return promise;
}

/** The status, and the reasons where the answer gives them as ours does. */
async function faultIn(response: IncomingMessage): Promise<string | undefined> {
  const { statusCode } = response;
  if (statusCode === 200) {
    response.destroy();
    return undefined;
  }
  const reasons = await reasonsIn(response);
  return `it answered ${statusCode}${reasons === '' ? '' : `: ${reasons}`}`;
}

async function reasonsIn(response: IncomingMessage): Promise<string> {
  let body = '';
  try {
    for await (const chunk of response.setEncoding('utf8')) {
      body += chunk;
      if (body.length > MAX_CHARS) return '';
    }
    const { reasons } = JSON.parse(body) as { reasons: readonly unknown[] };
    return reasons.join(', ').replaceAll(/\p{Cc}/gu, '?');
  } catch {
    // Cut short, or not in our form: the status says it all.
    return '';
  }
}
