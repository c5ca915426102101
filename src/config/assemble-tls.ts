/** What the keys of TLS and credentials become, with the contents of the files that they name. Everything has been checked before. */
import { scryptSync } from 'node:crypto';
import type { TlsListenerOptions, TlsPeerOptions } from '#net/tls-context.ts';
import type { PeerOptions } from '#peer/options.ts';
import type { ParsedConfig } from './schema.ts';
import { passwordIn } from './tls-files.ts';

type Texts = ReadonlyMap<string, string>;
type Peer = ParsedConfig['peers'][string];

export function listenerTls(
  tls: ParsedConfig['listeners'][number]['tls'],
  texts: Texts,
): TlsListenerOptions | undefined {
  return (
    tls && {
      cert: textOf(texts, tls.cert),
      key: textOf(texts, tls.key),
      clientCa: tls.clientCa && textOf(texts, tls.clientCa),
    }
  );
}

/** The name that is checked is the one that is dialled, where the file names no other. */
export function peerTls({ tls, address }: Peer, texts: Texts): TlsPeerOptions | undefined {
  if (tls === undefined) return undefined;
  const { ca, cert, key, serverName = address.host.text } = tls;
  const own = cert !== undefined &&
    key !== undefined && { cert: textOf(texts, cert), key: textOf(texts, key) };
  return { ca: textOf(texts, ca), own: own || undefined, serverName };
}

/** Basic (RFC 7617), in UTF-8. */
export function peerAuthorization({ auth }: Peer, texts: Texts): string | undefined {
  if (auth === undefined) return undefined;
  const password = passwordIn(textOf(texts, auth.passwordFile));
  return `Basic ${Buffer.from(`${auth.username}:${password}`).toString('base64')}`;
}

/** Files that nobody else should be able to read, by name as written. */
export function secretNames({
  limits,
  listeners,
  peers,
}: Pick<ParsedConfig, 'limits' | 'listeners' | 'peers'>): string[] {
  return [
    limits.store?.redis.passwordFile,
    ...listeners.map(({ tls }) => tls?.key),
    ...Object.values(peers).flatMap(({ tls, auth }) => [tls?.key, auth?.passwordFile]),
  ].filter((name) => name !== undefined);
}

/** As it goes into the policy hash, which everybody may see: a password must not be cheap to guess by it. */
export function hashedAuthorization<Options extends PeerOptions>(peer: Options): Options {
  const { name, authorization } = peer;
  if (authorization === undefined) return peer;
  return { ...peer, authorization: scryptSync(authorization, `weir peer ${name}`, 32).toString('hex') };
}

/** Empty where the file was not to be read. */
function textOf(texts: Texts, name: string): string {
  return texts.get(name) ?? '';
}
