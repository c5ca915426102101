/**
 * What a policy is asked about: who, from where, to what, when. Matchers read nothing else. The transaction of the data
 * path has this shape, and so have the made-up requests of tests. What is undefined is not known, and an ACL that asks for it is
 * then unknown; only an address and a server name may still become known.
 */
import type { RawHeaders } from '#net/headers.ts';
import type { Host } from '#net/host.ts';
import type { IpAddress } from '#net/ip.ts';

/** Labels by name; a Map is one. */
export interface Labels extends Iterable<readonly [name: string, value: string]> {
  get(name: string): string | undefined;
}

/** Labels of a namespace. They are read when they are asked for, since they change while the pods in it stay the same. */
export interface NamespaceLabels {
  /** Undefined: none is known. */
  readonly labels: Labels | undefined;
  /** Whether the namespace has no label but these. */
  readonly hasAllLabels: boolean;
}

/** Who runs the client, as a cluster says. */
export interface Identity {
  readonly namespace: string | undefined;
  readonly pod: string | undefined;
  /** Tells pods apart that had the same name one after the other. */
  readonly uid: string | undefined;
  /** Name alone, without its namespace. */
  readonly serviceAccount: string | undefined;
  /** Undefined: none is known. */
  readonly podLabels: Labels | undefined;
  /** Whether the pod has no label but these. What another hop asserts is a selection. */
  readonly hasAllLabels: boolean;
  /** Of its namespace; undefined: nobody tells them. No hop asserts them. */
  readonly namespaceLabels: NamespaceLabels | undefined;
}

/** Stands for a server name that may still be heard. No real one has no characters. */
export const UNHEARD: Host = Object.freeze({ kind: 'name', text: '', address: undefined });

export interface Subject {
  /** TCP address of the client, whatever its fields say. */
  readonly clientAddress: IpAddress;
  /** Name of the listener that took the connection. */
  readonly listener: string;
  /** Request method, as received (case-sensitive, RFC 9110 section 9.1). */
  readonly method: string;
  readonly host: Host;
  readonly port: number;
  /** When it is judged, in milliseconds since the epoch. */
  readonly timeMs: number;
  /** Address under judgement; undefined until the host, where it is a name, is resolved. */
  readonly destination: IpAddress | undefined;
  /** Plain HTTP: the absolute URL with the canonical authority, query included. */
  readonly requestUrl: string | undefined;
  /** Fields of the request head. */
  readonly headers: RawHeaders | undefined;
  /** Whose credentials were right; undefined where there were none, or wrong ones. */
  readonly user: string | undefined;
  readonly identity: Identity | undefined;
  /** Names that the client's certificate carries, in the forms of {@link file://./certificates.ts}. */
  readonly clientCert: ReadonlySet<string> | undefined;
  /** Canonical server name of the ClientHello; {@link UNHEARD}: that is still to come. */
  readonly sni: Host | undefined;
}
