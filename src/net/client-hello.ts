/**
 * The ClientHello at the beginning of a TLS connection (RFC 8446 section 4.1.2), read as it comes and without decrypting anything.
 * Strict: what two readers could understand differently, such as a name given twice, is malformed, so that the name judged here is
 * the name that the server goes by. Bounded: no more than {@link MAX_HELLO_BYTES} are looked at or kept.
 */
import { ByteReader, Malformed } from './byte-reader.ts';
import { type Host, parseHost } from './host.ts';

/** What is read of a ClientHello, the headers of its records included. With post-quantum key shares it has some 2 KiB. */
export const MAX_HELLO_BYTES = 16 * 1024;

export interface ClientHello {
  /** Canonical; an address where a client sends one, though it must not. Undefined: it names no server. */
  readonly serverName: Host | undefined;
  /** Protocols that the client offers, in its order; each of arbitrary bytes, as Latin-1. */
  readonly alpn: readonly string[];
  /** Encrypted Client Hello: the server may go by another name. Browsers send one that leads nowhere (GREASE), which looks the same. */
  readonly hasEch: boolean;
}

/** What the bytes so far come to. All but `more` are final. */
export type HelloResult =
  | { readonly kind: 'more' }
  | { readonly kind: 'hello'; readonly hello: ClientHello }
  /** They are something else than TLS. */
  | { readonly kind: 'not-tls' }
  /** They begin as TLS does, and no server should go on with them. */
  | { readonly kind: 'malformed'; readonly why: string };

const MORE: HelloResult = Object.freeze({ kind: 'more' });
const NOT_TLS: HelloResult = Object.freeze({ kind: 'not-tls' });
const TOO_LONG = malformed(`it is longer than ${MAX_HELLO_BYTES} bytes`);

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
/** Of the version of a record, which is no promise: 3, and 1 to 4 in use. */
const MAJOR = 3;
const MAX_MINOR = 4;
const MAX_FRAGMENT_BYTES = 16 * 1024;
const RECORD_HEADER_BYTES = 5;
const MESSAGE_HEADER_BYTES = 4;

const Extension = { ServerName: 0, Alpn: 16, Ech: 0xfe0d } as const;
const HOST_NAME = 0;

/** Reads one ClientHello. The bytes may be cut anywhere, between records and within them. */
export class ClientHelloReader {
  #result: HelloResult = MORE;
  /** Bytes looked at. */
  #seen = 0;
  /** Of the header of the present record those that were read, and what is left of its fragment. */
  #headerBytes = 0;
  #lengthHigh = 0;
  #fragmentLeft = 0;
  #isFirstRecord = true;
  /** The handshake message, its header included, and how much of it is there. */
  #message = Buffer.alloc(MESSAGE_HEADER_BYTES);
  #messageBytes = 0;

  /** Whether anything has been read. */
  get hasBegun(): boolean {
    return this.#seen > 0;
  }

  /** Takes the next bytes, which stay the caller's. @returns what all so far come to; once that is final, nothing more is looked at */
  push(bytes: Uint8Array): HelloResult {
    let at = 0;
    while (at < bytes.length && this.#result === MORE) {
      if (this.#seen >= MAX_HELLO_BYTES) {
        this.#result = TOO_LONG;
        break;
      }
      const taken = this.#fragmentLeft === 0 ? this.#takeHeader(bytes[at] as number) : this.#take(bytes, at);
      at += taken;
      this.#seen += taken;
    }
    return this.#result;
  }

  /** One byte of a record's header. @returns 1 */
  #takeHeader(byte: number): number {
    const index = this.#headerBytes;
    this.#headerBytes = (index + 1) % RECORD_HEADER_BYTES;
    if (index === 0) this.#check(byte === HANDSHAKE_RECORD, 'another kind of record comes amid it');
    else if (index === 1) this.#check(byte === MAJOR, 'a record has no version of TLS');
    else if (index === 2) this.#check(byte <= MAX_MINOR, 'a record has no version of TLS');
    else if (index === 3) this.#lengthHigh = byte;
    else this.#beginFragment((this.#lengthHigh << 8) | byte);
    return 1;
  }

  /** What does not begin as TLS is not TLS; what goes on otherwise is malformed. */
  #check(isRight: boolean, why: string): void {
    if (!isRight) this.#result = this.#isFirstRecord ? NOT_TLS : malformed(why);
  }

  #beginFragment(length: number): void {
    // RFC 8446 section 5.1: no handshake fragment is empty.
    if (length === 0) this.#result = malformed('a record is empty');
    else if (length > MAX_FRAGMENT_BYTES) this.#result = malformed('a record is too long');
    this.#fragmentLeft = length;
    this.#isFirstRecord = false;
  }

  /** As much as there is of what the message still lacks. @returns how much that is */
  #take(bytes: Uint8Array, at: number): number {
    const lacking = this.#message.length - this.#messageBytes;
    const room = MAX_HELLO_BYTES - this.#seen;
    const count = Math.min(lacking, this.#fragmentLeft, bytes.length - at, room);
    this.#message.set(bytes.subarray(at, at + count), this.#messageBytes);
    this.#messageBytes += count;
    this.#fragmentLeft -= count;
    if (this.#messageBytes === MESSAGE_HEADER_BYTES && this.#message.length === MESSAGE_HEADER_BYTES)
      this.#beginMessage();
    else if (this.#messageBytes === this.#message.length) this.#result = this.#end();
    return count;
  }

  #beginMessage(): void {
    const length = this.#message.readUIntBE(1, 3);
    if (this.#message[0] !== CLIENT_HELLO) this.#result = malformed('the first message is none');
    else if (length === 0) this.#result = malformed('it is empty');
    else if (RECORD_HEADER_BYTES + MESSAGE_HEADER_BYTES + length > MAX_HELLO_BYTES) this.#result = TOO_LONG;
    else this.#message = Buffer.alloc(MESSAGE_HEADER_BYTES + length);
  }

  #end(): HelloResult {
    // A server waits for nothing more from this client before it has answered.
    if (this.#fragmentLeft > 0) return malformed('its record has more than it');
    try {
      return { kind: 'hello', hello: readHello(this.#message.subarray(MESSAGE_HEADER_BYTES)) };
    } catch (error) {
      return malformed((error as Malformed).message);
    }
  }
}

function malformed(why: string): HelloResult {
  return { kind: 'malformed', why };
}

/** @throws {Malformed} */
function readHello(body: Uint8Array): ClientHello {
  const reader = new ByteReader(body);
  if (reader.uint16() >>> 8 !== MAJOR) throw new Malformed('its version is none of TLS');
  reader.bytes(32);
  if (reader.vector8().length > 32) throw new Malformed('its session id is too long');
  const suites = reader.vector16();
  if (suites.length === 0 || suites.length % 2 !== 0)
    throw new Malformed('its list of cipher suites is broken');
  if (reader.vector8().length === 0) throw new Malformed('it has no compression method');
  // A client of old may have none.
  const extensions = reader.left === 0 ? new Map<number, Uint8Array>() : readExtensions(reader);
  const serverName = extensions.get(Extension.ServerName);
  const alpn = extensions.get(Extension.Alpn);
  return Object.freeze({
    serverName: serverName && readServerName(serverName),
    alpn: alpn === undefined ? [] : readAlpn(alpn),
    hasEch: extensions.has(Extension.Ech),
  });
}

function readExtensions(hello: ByteReader): Map<number, Uint8Array> {
  const reader = new ByteReader(hello.vector16());
  hello.end();
  const extensions = new Map<number, Uint8Array>();
  while (reader.left > 0) {
    const type = reader.uint16();
    // RFC 8446 section 4.2. Of two names one reader takes the first and another the last.
    if (extensions.has(type)) throw new Malformed(`extension ${type} is there twice`);
    extensions.set(type, reader.vector16());
  }
  return extensions;
}

/** RFC 6066 section 3: one name of the one kind that there is. */
function readServerName(extension: Uint8Array): Host {
  const outer = new ByteReader(extension);
  const reader = new ByteReader(outer.vector16());
  outer.end();
  if (reader.uint8() !== HOST_NAME) throw new Malformed('its server name is no host name');
  const name = Buffer.from(reader.vector16()).toString('latin1');
  reader.end();
  return parseServerName(name);
}

/** ASCII alone: in a name of other bytes a server may read what we do not. */
const SERVER_NAME = /^[A-Za-z0-9._-]+$/;

function parseServerName(name: string): Host {
  if (!SERVER_NAME.test(name)) throw new Malformed('its server name has other characters than a host name');
  try {
    return parseHost(name);
  } catch (error) {
    throw new Malformed(`its server name is none: ${(error as Error).message}`);
  }
}

/** RFC 7301 section 3.1. */
function readAlpn(extension: Uint8Array): readonly string[] {
  const outer = new ByteReader(extension);
  const reader = new ByteReader(outer.vector16());
  outer.end();
  const protocols: string[] = [];
  do {
    const protocol = reader.vector8();
    if (protocol.length === 0) throw new Malformed('it offers a protocol without a name');
    protocols.push(Buffer.from(protocol).toString('latin1'));
  } while (reader.left > 0);
  return Object.freeze(protocols);
}
