/** `limits.store`: keys that say something only together, and a password that would be told to everybody. */
import { isLoopback, parseIp } from '#net/ip.ts';
import type { Outline } from './outline.ts';
import type { Flaw } from './problems.ts';

const PATH = ['limits', 'store', 'redis'];

export function checkRedis({ redis }: Outline): Flaw[] {
  const { url, username, passwordFile, caFile } = redis;
  const flaws: Flaw[] = [];
  const flaw = (name: string, message: string, fix: string): number =>
    flaws.push({ path: [...PATH, name], at: 'key', message, fix });
  if (username !== undefined && passwordFile === undefined)
    flaw('username', 'A user without a password is not let in', 'Add passwordFile, or remove username');
  if (typeof url !== 'string' || url.startsWith('rediss:')) return flaws;
  if (caFile !== undefined)
    flaw('caFile', 'Authorities do nothing without TLS', 'Write rediss in the URL, or remove caFile');
  if (passwordFile !== undefined && !isHere(url))
    flaw('passwordFile', 'The password would go over the network in clear text', 'Write rediss in the URL');
  return flaws;
}

/** What leads to this machine is heard by nobody else. */
function isHere(url: string): boolean {
  const host = URL.parse(url)?.hostname ?? '';
  const ip = parseIp(host.replaceAll(/[[\]]/g, ''));
  return host === 'localhost' || (ip !== undefined && isLoopback(ip));
}
