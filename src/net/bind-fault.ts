/** Why nothing can listen on an address, in words that say which one and what to do about it. */
import { hostPort } from './authority.ts';
import { UnsuitableNode } from './bindings.ts';

const CURES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'Another program listens there: stop it, or choose another port',
  EACCES: 'Ports below 1024 need CAP_NET_BIND_SERVICE: grant it, or choose a higher port',
  EADDRNOTAVAIL: 'No interface of this machine has the address: choose one that has, or 0.0.0.0 for all',
};

export interface Bound {
  readonly host: string;
  readonly port: number;
}

/** What is thrown instead of Node's error, whose code it keeps. */
export class BindFault extends Error {
  override readonly name = 'BindFault';
  readonly code: string;

  /** `what` is for example `listener "main"`. */
  constructor(what: string, { host, port }: Bound, cause: NodeJS.ErrnoException) {
    const { code = cause.message } = cause;
    const cure = CURES[code];
    const where = hostPort(host, port);
    super(`Cannot bind ${what}: ${code} at ${where}${cure === undefined ? '' : `. ${cure}`}`, { cause });
    this.code = code;
  }
}

/** What a failed bind comes to. A Node without what is needed for it is nothing that another address would mend. */
export function bindFault(what: string, bound: Bound, cause: NodeJS.ErrnoException): Error {
  return cause instanceof UnsuitableNode ? cause : new BindFault(what, bound, cause);
}
