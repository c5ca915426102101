/**
 * The configuration of `weir run` without a file: a real proxy for this machine alone, and safe. It goes through the same
 * loader as any other.
 */
import type { Config } from './config.ts';
import { loadConfig, parseConfig } from './load.ts';

const TEXT = `
name: weir
listeners:
  - { name: main, address: 127.0.0.1:3128 }
admin: { address: 127.0.0.1:9128 }
acls:
  loopback:  { src: [127.0.0.0/8, "::1"] }
  web_ports: { ports: [80, 443] }
access:
  - { name: not-this-machine, deny:  ["!loopback"] }
  - { name: not-a-web-port,   deny:  ["!web_ports"] }
  - { name: this-machine,     allow: [loopback, web_ports] }
routes:
  - { name: internet, direct: true }
`;

/**
 * The configuration in `file`, or the built-in one, to be served.
 * @throws {ConfigError} with everything that is wrong
 */
export function configIn(file: string | undefined): Promise<Config> {
  return file === undefined ? builtInConfig() : loadConfig(file, undefined, { isServed: true });
}

/** Listens on 127.0.0.1:3128 for this machine, and leads to public addresses on ports 80 and 443. */
export function builtInConfig(): Promise<Config> {
  return parseConfig(TEXT);
}
