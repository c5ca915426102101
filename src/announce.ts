/** Says that it serves, where, by which policy, and what of it is open to the network; without a configuration file also how to try it. */
import type { AddressInfo } from 'node:net';
import type { Config } from '#config/config.ts';
import { hostPort } from '#net/authority.ts';
import type { Log } from '#record/operational-log.ts';
import { plainHops } from './plain-hops.ts';

export interface Announcement {
  readonly log: Log;
  readonly config: Config;
  readonly listeners: readonly { readonly name: string; readonly address: AddressInfo }[];
  readonly admin: AddressInfo;
  /** Process ids; left out where there is one process. */
  readonly workers?: readonly (number | undefined)[];
}

export function announce({ log, config, listeners, admin, workers }: Announcement): void {
  const addresses = listeners.map(({ name, address }) => ({ name, address: textOf(address) }));
  log.info({ listeners: addresses, admin: textOf(admin), workers, policy: config.hash }, 'Serving');
  for (const warning of plainHops(config)) log.warn(warning);
  if (config.file !== undefined) return;
  const [first] = addresses;
  process.stderr.write(
    `Weir listens on ${first?.address}. Try:\n  curl -v -x http://${first?.address} https://example.com/\n`,
  );
}

function textOf({ address, port }: AddressInfo): string {
  return hostPort(address, port);
}
