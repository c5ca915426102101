/** The first steps: which proxy, its name, its connection, and TLS with it where its URL says so. */
import { readEnvironment } from './environment.ts';
import type { Patient } from './patient.ts';
import { type ProxyAddress, parseProxyAddress } from './proxy-address.ts';
import type { Walk } from './step.ts';
import { checkTls } from './tls-step.ts';
import type { Connection } from './wires.ts';

/** @returns undefined where there is none to ask */
export function chooseProxy(walk: Walk, patient: Patient): ProxyAddress | undefined {
  if (patient.proxy !== undefined) {
    walk.unknown('environment', 'not looked at, as --proxy names the proxy');
    return patient.proxy;
  }
  const { proxy, fault, check, source, notes } = readEnvironment(
    patient.environment,
    patient.target,
    patient.runtime,
  );
  const component = 'the environment of the client';
  let address: ProxyAddress | undefined;
  try {
    address = proxy === undefined ? undefined : parseProxyAddress(proxy);
  } catch (error) {
    const detail = `${source}: ${(error as Error).message}`;
    walk.failed(
      'environment',
      { component, detail, check: 'Set the variables as `weir env` prints them' },
      notes,
    );
    return undefined;
  }
  if (fault !== undefined) walk.failed('environment', { component, detail: fault, check }, notes);
  else walk.ok('environment', `${address?.text}, by ${source}`, notes);
  return address;
}

/** @returns a connection that speaks HTTP; undefined where there is none */
export async function reachTier1(
  walk: Walk,
  patient: Patient,
  proxy: ProxyAddress,
): Promise<Connection | undefined> {
  const addresses = await lookUpProxy(walk, patient, proxy);
  if (addresses === undefined) return undefined;
  const { wires } = patient;
  const component = `tier 1 (${proxy.authority.text})`;
  let connection: Connection;
  try {
    connection = await wires.connect(addresses, proxy.authority.port);
  } catch (error) {
    const check =
      'Check the Service and the Pods of tier 1, and that a NetworkPolicy lets this pod out to it and in there';
    walk.failed('tier1-tcp', { component, detail: (error as Error).message, check });
    return undefined;
  }
  walk.ok('tier1-tcp', `${proxy.authority.text} takes connections`);
  if (proxy.scheme === 'http') return connection;
  const host = proxy.authority.host.text;
  return await checkTls(walk, patient, { step: 'tier1-tls', connection, host, component });
}

async function lookUpProxy(
  walk: Walk,
  { wires }: Patient,
  { authority: { host } }: ProxyAddress,
): Promise<readonly string[] | undefined> {
  if (host.kind === 'ip') {
    walk.ok('proxy-dns', `${host.text} is an address`);
    return [host.text];
  }
  try {
    const addresses = await wires.lookUp(host.text);
    walk.ok('proxy-dns', `${host.text} is ${addresses.join(', ')}`);
    return addresses;
  } catch (error) {
    const local = host.text.endsWith('.local')
      ? '; a resolver may keep .local for multicast DNS (RFC 6762), and not ask a name server'
      : '';
    walk.failed('proxy-dns', {
      component: 'DNS of the proxy',
      detail: `${host.text}: ${(error as Error).message}`,
      check: `Check the DNS that this client asks, in a cluster CoreDNS and its entry for the name${local}`,
    });
    return undefined;
  }
}
