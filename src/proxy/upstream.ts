/** What a connect yields, whichever way it went. */
import type { Leg } from '#net/leg.ts';

/** An upstream leg, ready to relay. */
export interface Upstream {
  readonly leg: Leg;
  /** Next hop's address and port, for Proxy-Status. */
  readonly nextHop: string;
  /** Proxy-Status of a peer that is believed. */
  readonly proxyStatus: string | undefined;
  /** To be called when the leg is done with. */
  readonly release: () => void;
}
