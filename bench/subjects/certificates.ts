/** What two tiers need for mutual TLS between them, made by openssl (EC P-256) when a chain is started. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { toolPath } from '../../scripts/lib/tool-path.ts';
import { missingTool } from './tools.ts';

/** Files of PEM. */
export interface Certificates {
  readonly ca: string;
  /** Of both tiers: each shows it to the other. */
  readonly cert: string;
  readonly key: string;
}

/** The name in the certificate, for who does not look for an address in it. */
export const TIER_NAME = 'tier.bench.test';

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

const OPENSSL = 'openssl';

export const missingOpenssl = (): string | undefined => missingTool(OPENSSL);

/** Writes an authority and a certificate of its into `folder`. */
export function makeCertificates(folder: string): Certificates {
  const [ca, caKey, cert, key] = ['ca.pem', 'ca.key', 'tier.pem', 'tier.key'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  const make = (...args: readonly string[]): void => {
    const command = ['req', '-x509', ...NEW_KEY, '-days', '2', ...args];
    execFileSync(toolPath(OPENSSL) ?? OPENSSL, command, { stdio: 'pipe' });
  };
  make('-keyout', caKey, '-out', ca, '-subj', '/CN=bench');
  const names = ['-subj', `/CN=${TIER_NAME}`, '-addext', `subjectAltName=DNS:${TIER_NAME},IP:127.0.0.1`];
  make('-keyout', key, '-out', cert, '-CA', ca, '-CAkey', caKey, ...names);
  return { ca, cert, key };
}
