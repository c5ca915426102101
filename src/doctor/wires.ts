/** What the walk asks of connections (wire.ts); a test gives it others. What goes wrong is thrown, its message for people. */
import type { Answer } from './answer.ts';
import type { Certificate } from './certificate.ts';

/** Only who made it looks inside. */
export interface Connection {
  /** Address and port of the other side. */
  readonly remote: string;
}

export interface Wires {
  /** Addresses of a name, at least one. */
  lookUp(name: string): Promise<readonly string[]>;
  /** To the first of the addresses that takes it. */
  connect(addresses: readonly string[], port: number): Promise<Connection>;
  /** TLS over a connection, to `host`; what is wrong with the certificate is told and not thrown. */
  secure(connection: Connection, host: string): Promise<{ connection: Connection; certificate: Certificate }>;
  /** Another connection to where this one leads, in the same way; nothing secret is for it, as no certificate is judged. */
  again(connection: Connection): Promise<Connection>;
  /** Sends a request head and reads the answer. */
  ask(connection: Connection, head: string): Promise<Answer>;
}
