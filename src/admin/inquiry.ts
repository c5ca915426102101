/**
 * Asks an admin address, as a client, for what a program wants to know of the proxy behind it: whether it is ready, by which policy it
 * serves, and how much is open. Asked in a pod or on a machine it needs no way through a network. What is not told is left out.
 */
import { Agent, get } from 'node:http';
import { type ProbeOptions, probeReadiness } from './probe.ts';

/** A scrape has some hundred lines; whose answer is longer is no admin server. */
const MAX_CHARS = 4_194_304;
const POLICY = /^weir_policy_info\{hash="([0-9a-f]{64})",rules="([0-9a-f]{64})"\} 1$/m;

export interface Condition {
  readonly ready: boolean;
  /** Why it is not. */
  readonly fault?: string;
  /** Hash of the configuration in force. */
  readonly policy?: string;
  /** Hash of what of it decides, which replicas have in common. */
  readonly rules?: string;
  /** Whether the file that lies there is what is in force. */
  readonly reloaded?: boolean;
  readonly tunnels?: number;
}

/** Never throws. */
export async function inquire(options: ProbeOptions): Promise<Condition> {
  const [fault, metrics] = await Promise.all([probeReadiness(options), scrape(options)]);
  return { ready: fault === undefined, ...(fault === undefined ? {} : { fault }), ...told(metrics) };
}

function told(metrics: string): Omit<Condition, 'ready' | 'fault'> {
  const [, policy, rules] = POLICY.exec(metrics) ?? [];
  const reload = /^weir_last_reload_successful ([01])$/m.exec(metrics)?.[1];
  const tunnels = [...metrics.matchAll(/^weir_tunnels_open\{[^}]*\} (\d+)$/gm)];
  return {
    ...(policy === undefined ? {} : { policy }),
    ...(rules === undefined ? {} : { rules }),
    ...(reload === undefined ? {} : { reloaded: reload === '1' }),
    ...(tunnels.length === 0 ? {} : { tunnels: tunnels.reduce((sum, [, count]) => sum + Number(count), 0) }),
  };
}

/** The text of /metrics; empty where there is none. */
function scrape({ host, port, timeoutMs }: ProbeOptions): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const signal = AbortSignal.timeout(timeoutMs);
  const request = get({ host, port, path: '/metrics', agent: new Agent(), signal }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.length > MAX_CHARS) request.destroy();
    });
    response.on('end', () => resolve(response.statusCode === 200 ? text : ''));
    response.on('close', () => resolve(''));
    response.on('error', () => resolve(''));
  });
  request.on('error', () => resolve(''));
  return promise;
}
