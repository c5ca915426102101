/** Where a Redis is. */
import { type Host, parseHost } from '#net/host.ts';

interface RedisAddress {
  readonly host: Host;
  readonly port: number;
  readonly isTls: boolean;
}

/**
 * Reads the URL of a Redis: no more than scheme, host and port.
 * @throws {Error} naming the fix; a password that is in it is not shown
 */
export function parseRedisUrl(text: string): RedisAddress {
  const url = URL.parse(text);
  if (url === null || !(url.protocol === 'redis:' || url.protocol === 'rediss:') || url.hostname === '')
    throw new Error('This is no URL of a Redis, write for example "rediss://redis.example.com:6379"');
  if (url.username !== '' || url.password !== '')
    throw new Error('The URL names a user or a password, write username and passwordFile instead');
  if (!(url.pathname === '' || url.pathname === '/') || url.search !== '' || url.hash !== '')
    throw new Error(`The URL says more than host and port, write "${url.protocol}//${url.host}"`);
  return {
    host: parseHost(url.hostname),
    port: Number(url.port || '6379'),
    isTls: url.protocol === 'rediss:',
  };
}
