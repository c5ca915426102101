/** A leg to the origin itself: only to addresses that the guard has vetted. */
import type { VettedAddress } from '#acl/guard.ts';
import { ProxyError } from '#errors.ts';
import { hostPort } from '#net/authority.ts';
import { dial } from '#net/dial.ts';
import type { Transaction } from './transaction.ts';
import type { Upstream } from './upstream.ts';

/** Tries the vetted addresses in turn, within the time that `establish` leaves. */
export async function connectDirect(tx: Transaction, addresses: readonly VettedAddress[]): Promise<Upstream> {
  const before = performance.now();
  const timeoutMs = tx.generation.config.timeouts.connect;
  let last: ProxyError | undefined;
  for (const { ip } of addresses) {
    tx.upstreamIp = ip.text;
    try {
      const leg = await dial(tx.context.tools, { address: ip.text, port: tx.port, timeoutMs }, tx.abort);
      tx.connectMs = performance.now() - before;
      return { leg, nextHop: hostPort(ip.text, tx.port), proxyStatus: undefined, release: () => {} };
    } catch (error) {
      tx.abort.check();
      last = ProxyError.from(error);
    }
  }
  throw last ?? new ProxyError('destination_unavailable');
}
