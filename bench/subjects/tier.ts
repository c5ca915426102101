/**
 * The files of both tiers as they are measured: those in examples/ with their rules as they stand. Edited is what must differ
 * here: addresses, ports, where the name leads, the time of day, what Squid has no word for, and for sweeps the length of the
 * list of domains.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, parseDocument } from 'yaml';
import { type TierEdits, tier1Yaml, tier2Yaml } from '../../scripts/lib/two-tiers.ts';
import type { Certificates } from './certificates.ts';
import type { Policy } from './squid-conf.ts';
import { ORIGIN_NAME, type Setting } from './subject.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** A tier's file as a document; its listener and its logs are still to be set. */
function edited(yaml: string): Document {
  const document = parseDocument(yaml);
  document.setIn(['log', 'level'], 'warn');
  return document;
}

/** What differs from the examples in `root`. */
function editsOf({ ports }: Setting, root: string): TierEdits {
  return { tlsPort: ports.echo, hosts: [ORIGIN_NAME], examples: join(root, 'examples') };
}

/** Tier 1, which leads to `tier2Port` and nowhere else. */
export function tierOne(setting: Setting, tier2Port: number, root = ROOT): Document {
  const document = edited(tier1Yaml(editsOf(setting, root), tier2Port));
  document.addIn(['acls', 'tls_ports', 'ports'], setting.ports.bulk);
  return document;
}

/** Tier 2, which dials the origin itself. `folder` takes the list of domains, where one is asked for. */
export function tierTwo(setting: Setting, folder: string, root = ROOT): Document {
  const document = edited(tier2Yaml(editsOf(setting, root)));
  withoutWhatSquidLacks(document);
  if (setting.domains !== undefined) {
    const file = join(folder, 'domains.txt');
    writeFileSync(file, domainList(setting.domains));
    document.setIn(['acls', 'microsoft_domains', 'dstDomains'], { file });
  }
  return document;
}

/** Both are to do the same work: Squid keeps no audit trail, and counts nobody's requests. */
function withoutWhatSquidLacks(document: Document): void {
  document.deleteIn(['log', 'audit']);
  document.delete('limits');
  const { access } = document.toJS() as Pick<Policy, 'access'>;
  for (const index of access.keys()) document.deleteIn(['access', index, 'limit']);
}

/** `count` short names, none of which is asked for, and the one that is; a million of them stay under the limit of a file. */
function domainList(count: number): string {
  const names = Array.from({ length: count }, (_, index) => `.${index.toString(36)}.a${index % 97}.com\n`);
  return `${names.join('')}.microsoft.com\n`;
}

/** What its rules allow is kept in memory; its clients are no hops, and its log is in its own format, as Squid's is. */
export function withCache(document: Document): void {
  const { access } = document.toJS() as Pick<Policy, 'access'>;
  for (const [index, { allow }] of access.entries())
    if (allow !== undefined) document.setIn(['access', index, 'cache'], true);
  document.setIn(['cache', 'memory'], '256MiB');
  document.delete('hop');
  document.deleteIn(['log', 'access', 'format']);
}

/** Has tier 1 open no connections ahead. */
export function withoutStandby(document: Document): void {
  for (const peer of peersOf(document)) document.deleteIn(['peers', peer, 'standby']);
}

/** Has a tier show who it is to the other, and believe no one else: tier 1 to its peers, tier 2 at its listener. */
export function withTls(document: Document, { ca, cert, key }: Certificates): void {
  const peers = peersOf(document);
  for (const peer of peers) document.setIn(['peers', peer, 'tls'], document.createNode({ ca, cert, key }));
  if (peers.length > 0) return;
  document.setIn(['listeners', 0, 'tls'], document.createNode({ cert, key, clientCa: ca }));
}

function peersOf(document: Document): readonly string[] {
  return Object.keys((document.toJS() as { readonly peers?: object }).peers ?? {});
}

/** The rules of a tier, to be said in another proxy's words. */
export function policyOf(document: Document): Policy {
  return document.toJS() as Policy;
}
