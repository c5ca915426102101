/**
 * The client of the demo: curl, or where there is none a few lines of our own that do the same. Also reads what a proxy
 * answered to a CONNECT from the bytes it sent.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { fetch, ProxyAgent } from 'undici';

/** How one request is made. */
export interface Call {
  readonly proxy: string;
  readonly url: string;
  readonly caFile: string;
}

/** What a client shows its user. */
export interface Shown {
  /** Which client it was, as a command line or in words. */
  readonly command: string;
  readonly output: string;
}

/** What a proxy answered to a CONNECT. */
export interface Answer {
  readonly statusLine: string;
  readonly status: number;
  readonly proxyStatus: string;
  readonly transaction: string;
  /** Empty where the answer opened a tunnel: what follows then is not the proxy's. */
  readonly body: string;
}

/** Makes the request and returns when it is over, well or not. */
export async function ask(call: Call): Promise<Shown> {
  const args = ['-sS', '--cacert', call.caFile, '-x', call.proxy, call.url];
  // No variable and no .curlrc of the user may change what is shown here.
  const env = { PATH: process.env.PATH ?? '' };
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  execFile('curl', ['-q', ...args], { env }, (error, stdout, stderr) => {
    resolve(error?.code === 'ENOENT' ? undefined : stdout + stderr);
  });
  const output = await promise;
  if (output === undefined) return await askByOwnClient(call);
  const shown = args.map((arg) => (arg === call.caFile ? 'ca.pem' : arg));
  return { command: `curl ${shown.join(' ')}`, output: output.trim() };
}

async function askByOwnClient({ proxy, url, caFile }: Call): Promise<Shown> {
  const command = `fetch ${url} through ${proxy} (curl is not installed)`;
  const dispatcher = new ProxyAgent({ uri: proxy, requestTls: { ca: await readFile(caFile) } });
  try {
    const response = await fetch(url, { dispatcher });
    return { command, output: (await response.text()).trim() };
  } catch (error) {
    return { command, output: causesOf(error) };
  } finally {
    await dispatcher.destroy();
  }
}

/** The messages of an error and of what caused it: undici's own says no more than that the fetch failed. */
function causesOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return error.cause === undefined ? error.message : `${error.message}: ${causesOf(error.cause)}`;
}

/** Reads the answer to a CONNECT. @throws {Error} where there is none */
export function readAnswer(bytes: string): Answer {
  const [head = '', ...rest] = bytes.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) throw new Error(`Cannot read the proxy's answer: ${bytes.slice(0, 200)}`);
  const field = (name: string): string => {
    const line = lines.find((line) => line.toLowerCase().startsWith(`${name}:`));
    return line?.slice(name.length + 1).trim() ?? '';
  };
  return {
    statusLine,
    status,
    proxyStatus: field('proxy-status'),
    transaction: field('weir-transaction'),
    body: status < 300 ? '' : rest.join('\r\n\r\n').trim(),
  };
}
