/**
 * `cache_peer`: parents become peers. Passwords stay out of everything that is written; what takes files that a person has to
 * name is a comment beside it.
 */
import { parseAuthority } from '#net/authority.ts';
import { type Draft, freeName, nameOf, type Value } from './draft.ts';
import type { Tell } from './finding.ts';
import { balanceKeys, balanceRemarks, isBalanceOption, rankOf } from './peer-balance.ts';
import { type Statement, textsOf } from './statement.ts';

/** A parent that became a peer. */
export interface SquidPeer {
  /** As cache_peer_access calls it. */
  readonly squidName: string;
  readonly name: string;
  readonly line: Statement;
  /** Of the options, those that choose among peers ({@link file://./peer-balance.ts}). */
  readonly rank: number | undefined;
  readonly isLastResort: boolean;
}

/** Options that say what Weir does anyway. */
const SAME =
  /^(?:no-query|no-digest|no-netdb-exchange|no-delay|no-tproxy|proxy-only|closest-only|default|name=.*|connect-timeout=.*)$/;

/** Options whose files only a person can name, and what is to be written for them. */
const BY_HAND: readonly (readonly [pattern: RegExp, what: string, why: string])[] = [
  [
    /^(?:tls|ssl|sslcert|sslkey|tls-.*|ssl.*)(?:=.*)?$/,
    'tls: { ca: ca.pem, cert: own.pem, key: own.key }',
    'expects TLS, and cannot be spoken to before its tls is written by hand, as the comment shows: PEM files, of which cert and key only where it wants to see a certificate. Weir always checks the certificate of a peer, and its name',
  ],
  [
    /^login=/,
    'auth: { username: NAME, passwordFile: FILE }',
    'wants credentials: write its auth by hand, as the comment shows, with the password in a file. Weir never passes on those of clients',
  ],
];

/** Puts the peers into the draft. */
export function translatePeers(lines: readonly Statement[], draft: Draft, tell: Tell): SquidPeer[] {
  return lines.flatMap((line) => translatePeer(line, draft, tell) ?? []);
}

function translatePeer(line: Statement, draft: Draft, tell: Tell): SquidPeer | undefined {
  const [host = '', type, port = '', , ...options] = textsOf(line);
  if (type !== 'parent') {
    const why =
      type === 'sibling' || type === 'multicast' ? 'Weir shares no cache with others' : 'It is no parent';
    tell(line, type === 'sibling' || type === 'multicast' ? 'dropped' : 'error', `${why}; left out`);
    return undefined;
  }
  if (options.includes('originserver')) {
    tell(line, 'dropped', 'A server behind a reverse proxy, which Weir is not');
    return undefined;
  }
  const address = addressOf(host, port);
  if (address === undefined) {
    tell(line, 'error', `"${host}" with the port "${port}" is no address of a peer; left out`);
    return undefined;
  }
  const squidName = options.find((option) => option.startsWith('name='))?.slice('name='.length) ?? host;
  const name = freeName(nameOf(squidName), (taken) => draft.peers.has(taken));
  draft.peers.set(name, { address, ...timeoutOf(options), ...balanceKeys(options) });
  tellPeer({ line, name, options }, draft, tell);
  return {
    squidName,
    name,
    line,
    rank: rankOf(options),
    isLastResort: options.includes('default'),
  };
}

function addressOf(host: string, port: string): string | undefined {
  try {
    return parseAuthority(`${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`).text;
  } catch {
    return undefined;
  }
}

function timeoutOf(options: readonly string[]): Readonly<Record<string, Value>> {
  const seconds = options.find((option) => /^connect-timeout=[1-9]\d{0,5}$/.test(option))?.split('=')[1];
  return seconds === undefined ? {} : { connectTimeout: `${seconds}s` };
}

interface Told {
  readonly line: Statement;
  readonly name: string;
  readonly options: readonly string[];
}

function tellPeer({ line, name, options }: Told, draft: Draft, tell: Tell): void {
  const byHand = BY_HAND.filter(([pattern]) => options.some((option) => pattern.test(option)));
  for (const [, what, why] of byHand) {
    draft.comment('peers', `By hand: ${name}: { ${what} }`);
    tell(line, 'changed', `Peer "${name}" ${why}`);
  }
  const remarks = balanceRemarks(options);
  for (const remark of remarks) tell(line, 'changed', `Peer "${name}": ${remark}`);
  const lost = options.filter(
    (option) =>
      !SAME.test(option) && !isBalanceOption(option) && !BY_HAND.some(([pattern]) => pattern.test(option)),
  );
  if (lost.length > 0) {
    tell(
      line,
      'changed',
      `Peer "${name}", without ${lost.map((option) => option.replace(/=.*/, '')).join(', ')}`,
    );
  } else if (byHand.length + remarks.length === 0) {
    tell(line, 'same', `Peer "${name}"`);
  }
}
