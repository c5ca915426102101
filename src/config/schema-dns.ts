/** Schema of `dns`: how names are resolved at this hop. */
import { z } from 'zod';
import { hostPort } from '#net/authority.ts';
import { parseHost } from '#net/host.ts';
import { type IpAddress, parseIp } from '#net/ip.ts';
import { duration, durationOrZero, key, list, parsed } from './schema-values.ts';

const SERVER = /^(?:\[([^\]]+)\]:(\d{1,5})|([^:]+):(\d{1,5})|(.+))$/;

/** An IP address, with a port where it is not 53. In the form that Node's resolver takes. */
function parseServer(text: string): string {
  const [, ipv6, ipv6Port, ipv4, ipv4Port, bare] = SERVER.exec(text) ?? [];
  const ip = parseIp(ipv6 ?? ipv4 ?? bare ?? '');
  const port = Number(ipv6Port ?? ipv4Port ?? 53);
  if (ip === undefined || port < 1 || port > 65_535) {
    throw new Error(
      `Name server "${text}" cannot be read, write an IP address such as "10.0.0.10" or "10.0.0.10:5353"`,
    );
  }
  return hostPort(ip.text, port);
}

function parseAddress(text: string): IpAddress {
  const ip = parseIp(text);
  if (ip === undefined)
    throw new Error(`Address "${text}" cannot be read, write an IP address such as "10.0.0.5"`);
  return ip;
}

const address = parsed(z.string(), parseAddress);

/** Checks a name in place: what zod does with a transformed key is for the whole record to do. */
const hostName = z.string().check((context) => {
  try {
    canonicalName(context.value);
  } catch (error) {
    context.issues.push({ code: 'custom', input: context.value, message: (error as Error).message });
  }
});

const hosts = z
  .record(hostName, z.union([address.transform((one) => [one]), list(address)]))
  .transform((written, context) => {
    const byName = new Map<string, readonly IpAddress[]>();
    for (const [text, addresses] of Object.entries(written)) {
      const name = canonicalName(text);
      if (byName.has(name)) context.issues.push(repeated(text));
      byName.set(name, addresses);
    }
    return Object.fromEntries(byName);
  });

function canonicalName(text: string): string {
  const host = parseHost(text);
  if (host.kind === 'ip') throw new Error(`Name "${text}" is an address, write a host name`);
  return host.text;
}

function repeated(text: string): z.core.$ZodRawIssue {
  const message = `Name "${text}" is there already, write all its addresses in one list`;
  return { code: 'custom', input: text, path: [text], message, params: { at: 'key' } };
}

function hasBothTtls(value: unknown): boolean {
  const dns = value as Readonly<Record<string, unknown>> | null | undefined;
  return typeof dns?.minTtl === 'number' && typeof dns.maxTtl === 'number';
}

/** `dns`. */
export const dns = z
  .strictObject({
    servers: key(
      list(parsed(z.string(), parseServer)).default([]),
      'Name servers: IP addresses, with a port where it is not 53; those of the system if absent',
      '[10.0.0.10, "10.0.0.11:5353"]',
    ),
    hosts: key(
      hosts.prefault({}),
      'Addresses of names that are not asked for: one, or a list',
      '{ int-proxy.aibang.com: 10.128.2.100 }',
    ),
    hostsFile: key(
      z.string().min(1).default('/etc/hosts'),
      'File of more such names, in the form of `/etc/hosts`; `none` turns it off',
      'none',
    ),
    minTtl: key(
      durationOrZero.prefault('1s'),
      'Shortest time that an answer is kept, whatever its TTL',
      '5s',
    ),
    maxTtl: key(durationOrZero.prefault('5m'), 'Longest time that an answer is kept', '1m'),
    negativeTtl: key(durationOrZero.prefault('5s'), 'How long it is kept that a name does not exist', '1s'),
    staleTtl: key(
      durationOrZero.prefault('60s'),
      'How long an answer past its TTL stands in where the servers fail; `0s`: not at all',
      '5m',
    ),
    timeout: key(duration.prefault('3s'), 'One name, all servers and tries together', '2s'),
  })
  .refine(({ minTtl, maxTtl }) => minTtl <= maxTtl, {
    path: ['minTtl'],
    error: 'The shortest time is longer than maxTtl',
    // Also where other keys are wrong: all mistakes are told at once.
    when: ({ value }) => hasBothTtls(value),
  });
