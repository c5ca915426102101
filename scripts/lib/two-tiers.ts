/**
 * Both tiers on one machine, from the files in examples/: the rules stay as they are, and only what must differ here is
 * edited, that is addresses, ports, where names lead, and the time of day. Each tier is a real process.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, isMap, parseDocument } from 'yaml';
import { WeirProcess } from './weir-process.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const LOOPBACK = '127.0.0.0/8';

/** What differs from the examples. */
export interface TierEdits {
  /** Port of a local origin to which CONNECT is allowed, beside 443. */
  readonly tlsPort: number;
  /** Names that lead to this machine, at tier 2. */
  readonly hosts: readonly string[];
  /** Names that tier 1 allows and tier 2 does not. */
  readonly tier1Only?: readonly string[];
  /** Whether now is in tier 2's business hours. @default 'open' */
  readonly hours?: 'open' | 'closed';
  /** Folder of the examples. @default those of this checkout */
  readonly examples?: string;
}

export interface TwoTiers extends AsyncDisposable {
  readonly t1: WeirProcess;
  readonly t2: WeirProcess;
}

/** Starts tier 2, and tier 1 in front of it; both serve when this resolves. */
export async function startTwoTiers(edits: TierEdits): Promise<TwoTiers> {
  await using owned = new AsyncDisposableStack();
  const t2 = owned.use(await WeirProcess.start(tier2Yaml(edits)));
  const t1 = owned.use(await WeirProcess.start(tier1Yaml(edits, t2.port)));
  const kept = owned.move();
  return { t1, t2, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** examples/t1.yaml, on this machine, with tier 2 at `tier2Port`. */
export function tier1Yaml(edits: TierEdits, tier2Port: number): string {
  const document = readExample('t1.yaml', edits);
  allowTlsPort(document, edits.tlsPort);
  for (const name of edits.tier1Only ?? []) document.addIn(['acls', 'microsoft', 'dstDomains'], name);
  for (const peer of namesIn(document, ['peers'])) {
    document.setIn(['peers', peer, 'address'], `127.0.0.1:${tier2Port}`);
  }
  return String(document);
}

/** examples/t2.yaml, on this machine; the names in `hosts` lead to loopback, which its guard lets pass. */
export function tier2Yaml(edits: TierEdits): string {
  const document = readExample('t2.yaml', edits);
  document.set('guard', document.createNode({ allow: [LOOPBACK] }));
  const hosts = Object.fromEntries(edits.hosts.map((name) => [name, '127.0.0.1']));
  document.set('dns', document.createNode({ hosts, hostsFile: 'none', servers: ['127.0.0.1:9'] }));
  setHours(document, edits.hours ?? 'open');
  return String(document);
}

/** Rewrites tier 2's file for other hours, and waits until the process has taken it over by itself. */
export async function changeHours(t2: WeirProcess, edits: TierEdits): Promise<void> {
  if (t2.configFile === undefined) throw new Error('Cannot change the hours of a built-in configuration');
  const before = t2.log.filter(({ msg }) => msg === 'Configuration reloaded').length;
  writeFileSync(t2.configFile, tier2Yaml(edits));
  await t2.logged('Configuration reloaded', before);
}

/** Makes of an example what can run here: any free port, clients on loopback, and a log on standard output. */
function readExample(name: string, { examples = EXAMPLES }: TierEdits): Document {
  const document = parseDocument(readFileSync(join(examples, name), 'utf8'));
  document.setIn(['listeners', 0, 'address'], '127.0.0.1:0');
  document.setIn(['admin', 'address'], '127.0.0.1:0');
  // In Weir's own names, and the audit trail beside the configuration.
  if (document.hasIn(['log', 'access']))
    document.setIn(['log', 'access'], document.createNode({ path: 'stdout' }));
  if (document.hasIn(['log', 'audit'])) document.setIn(['log', 'audit', 'path'], 'audit.log');
  // Nobody here has to hear first that a tier is about to leave.
  if (document.hasIn(['timeouts', 'drainDelay'])) document.setIn(['timeouts', 'drainDelay'], '0s');
  for (const acl of namesIn(document, ['acls'])) {
    if (document.hasIn(['acls', acl, 'src'])) document.addIn(['acls', acl, 'src'], LOOPBACK);
  }
  return document;
}

function allowTlsPort(document: Document, port: number): void {
  document.addIn(['acls', 'tls_ports', 'ports'], port);
}

/** Any day at any time, or an hour that began two hours from now. */
function setHours(document: Document, hours: 'open' | 'closed'): void {
  const time = ['acls', 'business_hours', 'time'];
  const zone = String(document.getIn([...time, 'timeZone']) ?? 'UTC');
  document.setIn([...time, 'days'], 'sun-sat');
  document.deleteIn([...time, 'holidays']);
  document.setIn([...time, 'hours'], hours === 'open' ? '00:00-24:00' : hourThatIsNotNow(zone));
}

/** `14:00-15:00` where the clock in `zone` shows 12 something. */
function hourThatIsNotNow(zone: string): string {
  const { hour } = Temporal.Now.zonedDateTimeISO(zone);
  const at = (hours: number): string => `${String(hours % 24).padStart(2, '0')}:00`;
  return `${at(hour + 2)}-${at(hour + 3)}`;
}

function namesIn(document: Document, path: readonly string[]): readonly string[] {
  const map = document.getIn(path);
  if (!isMap(map)) throw new Error(`Cannot edit the example: it has no ${path.join('.')}`);
  return map.items.map(({ key }) => String(key));
}
