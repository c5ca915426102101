/**
 * Asks an admin address, as a client, whether the proxy behind it is ready. The agent is our own, so that no proxy
 * variable of the environment (NODE_USE_ENV_PROXY) sends the question elsewhere.
 */
import { Agent, get } from 'node:http';

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
  const request = get({ host, port, path: '/readyz', agent, signal }, (response) => {
    response.destroy();
    resolve(response.statusCode === 200 ? undefined : `it answered ${response.statusCode}`);
  });
  request.on('error', (error: NodeJS.ErrnoException) => {
    resolve(signal.aborted ? `no answer in ${timeoutMs} ms` : (error.code ?? error.message));
  });
  return promise;
}
