/** `http_port`: where clients connect. Ports of modes that Weir does not have are left out, never served in another way. */
import { isCollision, parseListenAddress } from '#config/listen-address.ts';
import { type Draft, freeName, nameOf } from './draft.ts';
import type { Tell } from './finding.ts';
import { type Statement, textsOf, wordAt } from './statement.ts';

/** A listener with what Squid's ACLs call it. */
interface NamedListener {
  readonly name: string;
  /** For `myportname`. */
  readonly squidName: string;
  /** For `localport`. */
  readonly port: string;
}

/** Names of the listeners that Squid calls so, or that have the port. */
export type FindListeners = (kind: 'myportname' | 'localport', text: string) => readonly string[];

const MODES =
  /^(?:intercept|tproxy|transparent|accel|vhost|no-vhost|vport|defaultsite|act-as-origin)(?:=.*)?$/;

/** The port that Weir's own admin server has unless told otherwise. */
const ADMIN_PORT = '9128';

/** Puts the listeners into the draft. @returns how ACLs find them */
export function translateListeners(lines: readonly Statement[], draft: Draft, tell: Tell): FindListeners {
  const named = lines.flatMap((line) => translatePort(line, draft, tell) ?? []);
  if (draft.listeners.length === 0) {
    draft.listeners.push({ name: 'main', address: '127.0.0.1:3128' });
    draft.comment('listeners', 'No port could be carried over: this one serves this machine only.');
  }
  return (kind, text) =>
    named
      .filter(({ squidName, port }) => (kind === 'localport' ? port : squidName) === text)
      .map(({ name }) => name);
}

/** Whether the admin server needs another port than its own. */
export function isAdminPortTaken({ listeners }: Draft): boolean {
  return listeners.some(({ address }) => address.endsWith(`:${ADMIN_PORT}`));
}

function translatePort(line: Statement, draft: Draft, tell: Tell): NamedListener | undefined {
  const [where = '', ...options] = textsOf(line);
  const mode = options.find((option) => MODES.test(option));
  if (mode !== undefined) {
    tell(line, 'dropped', `Weir is an explicit proxy only, so that there is no listener for "${mode}"`);
    return undefined;
  }
  if (options.includes('require-proxy-header')) {
    tell(
      line,
      'dropped',
      'Not carried over: write the listener with proxyProtocol, and under "from" who may name clients, as proxy_protocol_access says',
    );
    draft.comment(
      'listeners',
      `Left out: { address: "${addressOf(where)}", proxyProtocol: { from: [...] } }`,
    );
    return undefined;
  }
  return addListener(line, draft, tell);
}

function addListener(line: Statement, draft: Draft, tell: Tell): NamedListener | undefined {
  const [where = '', ...options] = textsOf(line);
  const address = addressOf(where);
  try {
    parseListenAddress(address);
  } catch {
    tell(line, 'error', `"${where}" is no port and no IP address with a port; there is no listener for it`);
    return undefined;
  }
  if (isTaken(address, draft)) {
    tell(line, 'error', `"${where}" is there already; left out`);
    return undefined;
  }
  const given = options.find((option) => option.startsWith('name='))?.slice('name='.length);
  const port = address.slice(address.lastIndexOf(':') + 1);
  const wanted = nameOf(given ?? (draft.listeners.length === 0 ? 'main' : `port-${port}`));
  const name = freeName(wanted, (taken) => draft.listeners.some((listener) => listener.name === taken));
  draft.listeners.push({ name, address });
  tellOptions(line, name, tell);
  return { name, squidName: given ?? where, port };
}

function isTaken(address: string, { listeners }: Draft): boolean {
  const wanted = parseListenAddress(address);
  return listeners.some((listener) => isCollision(parseListenAddress(listener.address), wanted));
}

/** Squid's bare port is every address of both families. */
function addressOf(where: string): string {
  if (/^\d+$/.test(where)) return `[::]:${where}`;
  return where.replace(/^localhost:/, '127.0.0.1:').replace(/^:/, '[::]:');
}

function tellOptions(line: Statement, name: string, tell: Tell): void {
  const others = textsOf(line, 1).filter((option) => !option.startsWith('name='));
  const [where] = textsOf(line);
  if (others.includes('ssl-bump')) {
    tell(line, 'changed', `Listener "${name}". Weir decrypts nothing: what ssl_bump says is told there`);
  } else if (others.length > 0) {
    tell(
      line,
      'changed',
      `Listener "${name}", without ${others.map((one) => one.replace(/=.*/, '')).join(', ')}`,
    );
  } else {
    tell(line, 'same', `Listener "${name}" on ${addressOf(String(where))}`);
  }
}

/** `https_port`: a proxy port with TLS, which must not become one without. */
export function translateTlsPort(line: Statement, draft: Draft, tell: Tell): void {
  const address = addressOf(wordAt(line, 0));
  draft.comment('listeners', `By hand: { name: tls, address: "${address}", tls: { cert: FILE, key: FILE } }`);
  const how = 'Write the listener of this port by hand, as the comment shows, with PEM files';
  tell(line, 'error', `${how}; clientCa where clients have to show a certificate. Until then there is none`);
}
