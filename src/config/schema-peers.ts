/** Schema of one entry of `peers`: where another proxy is, how it is spoken to, and how much of the traffic it gets. */
import { z } from 'zod';
import { parseAuthority } from '#net/authority.ts';
import { peerAuth, peerTls } from './schema-tls.ts';
import { duration, key, parsed, wholeNumber } from './schema-values.ts';

const health = z.strictObject({
  interval: key(duration.prefault('10s'), 'Time between two looks at the peer, a fifth more or less', '5s'),
  target: key(
    parsed(z.string(), parseAuthority).optional(),
    'Host and port to be reached through the peer, with every sixth look; nothing if absent',
    'login.microsoftonline.com:443',
  ),
});

export const peer = z.strictObject({
  address: key(
    parsed(z.string(), parseAuthority),
    'Host and port of the peer',
    'int-proxy-a.aibang.com:3128',
  ),
  hop: key(
    z.boolean().default(false),
    'The peer is a Weir of ours: it is told the transaction id and, with `hop.assert`, who asks; its Proxy-Status is believed',
    'true',
  ),
  tls: key(
    peerTls.optional(),
    'The peer is spoken to by TLS 1.3, and its certificate and name are checked',
    '{ ca: ca.pem, cert: t1.pem, key: t1.key }',
  ),
  auth: key(
    peerAuth.optional(),
    'By whom this hop is known to the peer (Basic)',
    '{ username: t1, passwordFile: vm-a.password }',
  ),
  connectTimeout: key(
    duration.optional(),
    'Time for connecting to one address of the peer, with TLS if it has that; `timeouts.connect` if absent',
    '2s',
  ),
  weight: key(
    wholeNumber(1000, {
      tooSmall: 'A peer takes a share, write a weight of at least 1',
      tooGreat: 'The weight is too great, write at most 1000',
    }).default(1),
    'Share of the peer beside the others of a route; of no meaning to `failover`',
    '2',
  ),
  maxTunnels: key(
    wholeNumber(1_000_000, {
      tooSmall: 'A peer takes something, write a number of at least 1',
      tooGreat: 'The number is too great, write at most 1000000',
    }).optional(),
    'Tunnels and requests through the peer at the same time, of this host with all of its workers; any number if absent',
    '2000',
  ),
  standby: key(
    wholeNumber(1000, {
      tooSmall: 'One connection is the least, write a number of at least 1',
      tooGreat: 'The number is too great, write at most 1000',
    }).optional(),
    'Connections to the peer that are opened ahead, so that a tunnel begins with its CONNECT; of this host with all of its workers; none if absent',
    '8',
  ),
  health: key(
    health.optional(),
    'Look at the peer now and then, so that it is known to be down, and up again, before a client finds it',
    '{ interval: 10s }',
  ),
});
