/**
 * When the certificates that a configuration names end: those that it shows, and the authorities that it goes by. That one has
 * ended is no mistake in the file, which was right when it was written; who is told of it, and how loudly, is for others.
 */
import { AHEAD_MS } from '#acl/expiry.ts';
import type { CertificateEnd, Config, ListenerOptions } from './config.ts';
import { isComplaint, readCertificates } from './pem.ts';
import type { Path } from './problems.ts';

/** A certificate that has ended or soon will. */
export interface NearEnd extends CertificateEnd {
  readonly isOver: boolean;
}

interface Users {
  readonly listeners: readonly Pick<ListenerOptions, 'name' | 'tls'>[];
  readonly peers: Config['peers'];
}

/** The listeners' first, in their order. */
export function certificateEnds({ listeners, peers }: Users): CertificateEnd[] {
  return [
    ...listeners.flatMap(({ name, tls }, index) => {
      const [use, path] = [`listener ${name}`, ['listeners', index, 'tls']];
      return [
        ...chainEnd(tls?.cert, use, path),
        ...authoritiesEnd(tls?.clientCa, use, [...path, 'clientCa']),
      ];
    }),
    ...Object.values(peers).flatMap(({ name, tls }) => {
      const [use, path] = [`peer ${name}`, ['peers', name, 'tls']];
      return [...chainEnd(tls?.own?.cert, use, path), ...authoritiesEnd(tls?.ca, use, [...path, 'ca'])];
    }),
  ];
}

/** Those that have ended or will within 14 days, in their order. */
export function nearEnds(ends: readonly CertificateEnd[], nowMs: number): NearEnd[] {
  return ends
    .filter(({ untilMs }) => untilMs - nowMs <= AHEAD_MS)
    .map((end) => ({ ...end, isOver: end.untilMs <= nowMs }));
}

/** An empty text was not to be read. Without any of those behind it, the first leads nowhere. */
function chainEnd(text: string | undefined, use: string, path: Path): CertificateEnd[] {
  if (!text) return [];
  return [{ use, path: [...path, 'cert'], untilMs: Math.min(...endsIn(text)) }];
}

/** One authority that is valid is enough: bundles keep old ones. */
function authoritiesEnd(text: string | undefined, use: string, path: Path): CertificateEnd[] {
  if (!text) return [];
  return [{ use: `${use} ${path.at(-1)}`, path, untilMs: Math.max(...endsIn(text)) }];
}

/** The configuration has read them before. */
function endsIn(text: string): number[] {
  const found = readCertificates(text);
  return isComplaint(found) ? [] : found.map(({ validToDate }) => validToDate.getTime());
}
