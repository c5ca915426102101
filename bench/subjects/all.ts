/** Every subject there is; a further proxy is one more entry here. */
import { squidCache, weirCache } from './caching.ts';
import { direct } from './direct.ts';
import { proxyChain, relay } from './forked.ts';
import { squid, squidTlsTwoTier, squidTwoTier } from './squid.ts';
import type { Subject } from './subject.ts';
import { tinyproxy } from './tinyproxy.ts';
import { trafficServer } from './traffic-server.ts';
import { weir, weirColdTwoTier, weirTlsColdTwoTier, weirTlsTwoTier, weirTwoTier } from './weir.ts';

export const SUBJECTS: readonly Subject[] = [
  direct,
  relay,
  weir,
  weirTwoTier,
  weirColdTwoTier,
  weirTlsTwoTier,
  weirTlsColdTwoTier,
  squid,
  squidTwoTier,
  squidTlsTwoTier,
  weirCache,
  squidCache,
  tinyproxy,
  trafficServer,
  proxyChain,
];
