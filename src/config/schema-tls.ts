/** The parts of the schema that say how TLS is spoken, and by which credentials a peer knows this hop. */
import { z } from 'zod';
import { parseHost } from '#net/host.ts';
import { key, parsed } from './schema-values.ts';

const file = z.string().min(1);

/** What Basic can carry as a user: it ends at the first colon (RFC 7617 section 2). */
const USER = /^[^:\p{Cc}]+$/u;

export const listenerTls = z.strictObject({
  cert: key(file, 'PEM file of the certificate, and behind it those that lead to its authority', 't2.pem'),
  key: key(file, 'PEM file of the private key, without a passphrase', 't2.key'),
  clientCa: key(
    file.optional(),
    'PEM file of the authorities of clients: every client must show a certificate of one of them',
    'ca.pem',
  ),
});

export const peerTls = z.strictObject({
  ca: key(
    file,
    'PEM file of the authorities, of which one must stand for the certificate of the peer',
    'ca.pem',
  ),
  cert: key(
    file.optional(),
    'PEM file of the certificate that the peer is shown, with `key`; none is if absent',
    't1.pem',
  ),
  key: key(file.optional(), 'PEM file of the private key of `cert`, without a passphrase', 't1.key'),
  serverName: key(
    parsed(z.string(), (text) => parseHost(text).text).optional(),
    'Name, or IP address, that the certificate of the peer must carry; the host of `address` if absent',
    'int-proxy.aibang.com',
  ),
});

export const peerAuth = z.strictObject({
  username: key(z.string().regex(USER, 'A user has no colon and no control characters'), 'User', 't1'),
  passwordFile: key(file, 'File whose one line is the password', 'vm-a.password'),
});
