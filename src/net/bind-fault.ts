/** Why nothing can listen on an address, in words that say which one and what to do about it. */
import { hostPort } from './authority.ts';

const CURES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another program listens there: stop it, or choose another port',
  EACCES: 'Ports below 1024 need CAP_NET_BIND_SERVICE: grant it, or choose a higher port',
  EADDRNOTAVAIL: 'No interface of this machine has the address: choose one that has, or 0.0.0.0 for all',
};

export interface Bound {
  readonly host: string;
  readonly port: number;
}

/** What is thrown instead of Node's error, whose code it keeps; `what` is for example `listener "main"`. */
export function bindFault(what: string, { host, port }: Bound, cause: NodeJS.ErrnoException): Error {
  const { code = cause.message } = cause;
  const cure = CURES[code];
  const text = `Cannot bind ${what}: ${code} at ${hostPort(host, port)}${cure === undefined ? '' : `. ${cure}`}`;
  return Object.assign(new Error(text, { cause }), { code });
}
