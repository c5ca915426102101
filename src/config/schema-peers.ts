/** Schema of one peer. */
import { z } from 'zod';
import { parseAuthority } from '#net/authority.ts';
import { peerAuth, peerTls } from './schema-tls.ts';
import { duration, key, parsed } from './schema-values.ts';

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
});
