/** A step that shakes hands: with a proxy that is spoken to in TLS, or with the target through the tunnel. */
import { describeCertificate } from './certificate.ts';
import type { StepName, Walk } from './step.ts';
import type { Connection, Wires } from './wires.ts';

export interface Handshake {
  readonly step: Extract<StepName, 'tier1-tls' | 'target-tls'>;
  readonly connection: Connection;
  readonly host: string;
  readonly component: string;
}

/** A certificate that ends within so long is told of. */
const SOON_MS = 14 * 86_400_000;

const BROKEN = {
  'tier1-tls': 'Check that the listener of tier 1 has TLS, and asks for no certificate of clients',
  'target-tls':
    'Check that the target speaks TLS on this port. A rule with sni may have cut the tunnel: the transaction is in the logs of the tiers',
} as const;
const UNTRUSTED = {
  'tier1-tls': 'Check the certificate of the listener, and that this client has its authority (--ca)',
  'target-tls':
    'Check the certificate of the target, the time of this machine, and that this client has its authority (--ca); no tier of Weir decrypts',
} as const;

/** @returns the connection within TLS; undefined where there is none to go on with */
export async function checkTls(
  walk: Walk,
  { wires, isInsecure }: { readonly wires: Wires; readonly isInsecure: boolean },
  { step, connection, host, component }: Handshake,
): Promise<Connection | undefined> {
  try {
    const secured = await wires.secure(connection, host);
    const { certificate } = secured;
    const { fault, expiresAt = Number.POSITIVE_INFINITY } = certificate;
    const detail = describeCertificate(certificate);
    const isSoon = fault === undefined && expiresAt - Date.now() < SOON_MS;
    const notes = isSoon ? ['The certificate ends within two weeks'] : [];
    if (fault === undefined) walk.ok(step, detail, notes);
    else if (isInsecure) walk.ok(step, detail, [`The certificate does not hold: ${fault}`]);
    else {
      walk.failed(step, { component, detail: `${fault}; ${detail}`, check: UNTRUSTED[step] });
      // Whoever that is, it is told no credentials.
      return undefined;
    }
    return secured.connection;
  } catch (error) {
    walk.failed(step, { component, detail: (error as Error).message, check: BROKEN[step] });
    return undefined;
  }
}
