/**
 * Shows that the pods of this namespace have no way around the proxy. An address on the Internet must be out of reach, and must be
 * reached through the proxy: without that second half a broken network would look like a closed one. Addresses are literal, so that
 * a name server that fails proves nothing. Runs as a CronJob (cronjob.yaml), with Node alone.
 *
 * Environment: CANARY_ADDRESS, address:port that is tried directly; CANARY_PROXY, http://host:port; CANARY_TARGET, host:port that the
 * proxy is asked for, CANARY_ADDRESS if absent; CANARY_CLOSED, further address:port that must be out of reach, separated by blanks;
 * CANARY_TIMEOUT_MS, for one attempt, 3000 if absent.
 * Exit code: 0 closed, 1 a way around is open, 2 nothing is proven, 64 the environment cannot be read.
 */
import { connect, isIP, type Socket } from 'node:net';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

interface Settings {
  readonly direct: readonly Endpoint[];
  readonly proxy: Endpoint;
  readonly target: string;
  readonly timeoutMs: number;
}

interface Attempt {
  readonly to: string;
  readonly reached: boolean;
  /** What the other side said, or why nobody did. */
  readonly because: string;
}

/** A new pod is not let in by every node in its first seconds, so that the way through the proxy has several tries. */
const TRIES = 5;
const PAUSE_MS = 2000;

class UsageError extends Error {}

function parseEndpoint(name: string, text: string): Endpoint {
  const [, bracketed, plain = '', port = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === '' || Number(port) > 65_535) throw new UsageError(`${name} is no address:port: "${text}"`);
  return { host, port: Number(port) };
}

function parseLiteral(name: string, text: string): Endpoint {
  const endpoint = parseEndpoint(name, text);
  if (isIP(endpoint.host) === 0) {
    throw new UsageError(
      `${name} has a name where an address belongs, which a failing name server would hide: "${text}"`,
    );
  }
  return endpoint;
}

function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const required = (name: string): string => {
    const value = env[name];
    if (!value) throw new UsageError(`${name} is not set`);
    return value;
  };
  const address = required('CANARY_ADDRESS');
  const closed = (env.CANARY_CLOSED ?? '').split(/\s+/).filter((word) => word !== '');
  const timeoutMs = Number(env.CANARY_TIMEOUT_MS ?? 3000);
  if (!(timeoutMs >= 1)) throw new UsageError(`CANARY_TIMEOUT_MS is no time: "${env.CANARY_TIMEOUT_MS}"`);
  return {
    direct: [
      parseLiteral('CANARY_ADDRESS', address),
      ...closed.map((text) => parseLiteral('CANARY_CLOSED', text)),
    ],
    proxy: parseEndpoint(
      'CANARY_PROXY',
      required('CANARY_PROXY')
        .replace(/^http:\/\//, '')
        .replace(/\/$/, ''),
    ),
    target: env.CANARY_TARGET || address,
    timeoutMs,
  };
}

/** What becomes of a connection: `talk` settles it when it is open; an error, an end and the clock settle it otherwise. */
function attempt(
  endpoint: Endpoint,
  timeoutMs: number,
  talk: (socket: Socket, done: Done) => void,
): Promise<Result> {
  const { promise, resolve } = Promise.withResolvers<Result>();
  const socket = connect(endpoint);
  const done: Done = (reached, because) => {
    resolve({ reached, because });
    socket.destroy();
  };
  socket.setTimeout(timeoutMs, () => done(false, `no answer in ${timeoutMs} ms`));
  socket.once('error', (error: NodeJS.ErrnoException) => done(false, error.code ?? error.message));
  socket.once('close', () => done(false, 'closed without an answer'));
  socket.once('connect', () => talk(socket, done));
  return promise;
}

type Result = Omit<Attempt, 'to'>;
type Done = (reached: boolean, because: string) => void;

async function directly({ host, port }: Endpoint, timeoutMs: number): Promise<Attempt> {
  const to = isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
  return { to, ...(await attempt({ host, port }, timeoutMs, (_, done) => done(true, 'connected'))) };
}

function ask(socket: Socket, target: string, done: Done): void {
  let head = '';
  socket.setEncoding('latin1');
  socket.on('data', (text) => {
    head += text;
    const [, line, code] = /^(HTTP\/1\.\d (\d{3})[^\r\n]*)\r?\n/.exec(head) ?? [];
    if (line !== undefined) done(code?.startsWith('2') === true, line);
    else if (head.length > 8192) done(false, 'answered something that is not HTTP');
  });
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
}

/** Through the proxy, until it works or has had its tries. */
async function through({ proxy, target, timeoutMs }: Settings): Promise<Attempt> {
  // The proxy has ten seconds for what is behind it (timeouts.establish), and its answer says what is wrong there.
  const patienceMs = timeoutMs * 4;
  for (let tries = 1; ; tries += 1) {
    const result = await attempt(proxy, patienceMs, (socket, done) => ask(socket, target, done));
    if (result.reached || tries === TRIES) return { to: target, ...result };
    await delay(Math.min(PAUSE_MS, timeoutMs));
  }
}

async function main(): Promise<number> {
  const settings = readSettings(process.env);
  // First, because where this works the network of the pod is set up, policies included.
  const control = await through(settings);
  const direct = await Promise.all(settings.direct.map((endpoint) => directly(endpoint, settings.timeoutMs)));
  const isOpen = direct.some(({ reached }) => reached);
  const result = isOpen ? 'open' : control.reached ? 'closed' : 'unproven';
  console.log(JSON.stringify({ canary: 'bypass', result, through: control, direct }));
  return { closed: 0, open: 1, unproven: 2 }[result];
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 64;
}
