/** What policies judge: subjects that differ from one another, so that caches and branch predictors get no help. */
import type { Subject } from '#match/subject.ts';
import { parseHost } from '#net/host.ts';
import type { Network } from '#net/ip.ts';
import { freshText } from './chance.ts';
import { addressFor, hostFor, randomIp } from './lists.ts';

const SUBJECTS = 4096;

/** @returns the subject of a number, over and over again */
export function subjectsFor(domains: number, networks: readonly Network[] = []): (index: number) => Subject {
  const subjects = Array.from(
    { length: SUBJECTS },
    (_, index): Subject => ({
      clientAddress: networks.length === 0 ? randomIp() : addressFor(index, networks),
      listener: 'main',
      method: 'CONNECT',
      host: parseHost(freshText(hostFor(index, domains))),
      port: 443,
      timeMs: 1_790_000_000_000 + index * 60_000,
      destination: undefined,
      requestUrl: undefined,
      headers: undefined,
      user: undefined,
      identity: undefined,
      clientCert: undefined,
      sni: undefined,
    }),
  );
  return (index) => subjects[index & (SUBJECTS - 1)] as Subject;
}
