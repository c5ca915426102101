/** Schema of what bounds the connections of a listener. */
import { connections, key } from './schema-values.ts';

/** Keys of a listener. */
export const connectionBounds = {
  maxConnections: key(
    connections.optional(),
    'Connections open at a time; as many as the limit of open files allows if absent',
    '10000',
  ),
  maxConnectionsPerClient: key(
    connections.optional(),
    'Connections of one client open at a time; of IPv6 a client is 64 bits',
    '100',
  ),
};
