/** Schema of one listener. */
import { z } from 'zod';
import { connectionBounds } from './schema-bounds.ts';
import { listenerTls } from './schema-tls.ts';
import { key, listenerAddress, name, networks } from './schema-values.ts';

export const listener = z.strictObject({
  name: key(name, 'Name of the listener in ACLs, logs and metrics', 'microsoft'),
  address: key(
    listenerAddress,
    'IP address and port to listen on, or `systemd:NAME`: the socket of that name that systemd hands over',
    '0.0.0.0:3128',
  ),
  ...connectionBounds,
  proxyProtocol: key(
    z
      .strictObject({
        from: key(
          networks,
          'Load balancers, whose connections must begin with a PROXY header, version 1 or 2, that names the client; from elsewhere none is taken',
          '[10.128.0.0/20]',
        ),
      })
      .optional(),
    'Clients that come through load balancers, and are named by them',
    '{ from: [10.128.0.0/20] }',
  ),
  tls: key(
    listenerTls.optional(),
    'Clients speak TLS to the proxy; without it what they say is open to the network',
    '{ cert: t2.pem, key: t2.key, clientCa: ca.pem }',
  ),
});
