/** By reason, one line on what to check, as a client is shown it. What else is known about the reasons is in errors.ts. */
export const HINTS = {
  request_malformed: 'Send an absolute http:// URL, or CONNECT with host:port, and one Host field',
  request_timeout: 'Send the whole request head within the time that timeouts.head allows',
  request_head_too_large: 'Send fewer or shorter header fields; the limits are 64 KiB and 200 fields',
  target_too_long: 'Send a shorter URL; the limit is 32 KiB',
  expectation_unsupported: 'Only 100-continue is understood in Expect',
  not_cached: 'Ask without Cache-Control: only-if-cached; nothing that may be used is kept',
  proxy_header_missing:
    'Connections from proxyProtocol.from of the listener must begin with a PROXY header; see the load balancer',
  scheme_unsupported: 'Ask for http:// URLs, and use CONNECT for everything else',
  assertion_refused:
    'Check that both tiers have the same hop keys, audience and time; the log of this hop says what is wrong',
  rule_denied: 'Check the named ACL rule against the client, the host, the port and the time',
  credentials_wanted: 'Give the proxy a user and password that it knows, as Proxy-Authorization Basic',
  no_rule_matched: 'No access rule allows this; add a rule or correct the request',
  name_prohibited: 'Only a rule whose dstDomains names this suffix may reach such a name',
  upgrade_not_allowed: 'The rule that allows this request does not list the protocol under upgrade',
  address_prohibited: 'The name leads to a private or special address; guard.allow lists the exceptions',
  sni_mismatch:
    'The server name (SNI) that the client sent must be the host of its CONNECT; see sni of the rule',
  hello_missing:
    'The rule has sni: verify, so that the tunnel must begin with a TLS ClientHello within timeouts.hello',
  policy_revoked: 'The policy allows the tunnel no longer; see onRevoke of the rule that had allowed it',
  peer_unavailable: 'Check the network and firewall rules between the tiers, and that the peer is up',
  peer_timeout: 'Check the firewall rules between the tiers and the load of the peer',
  peer_terminated:
    'Check the log of the peer; where it has TLS, it may not trust the certificate that it is shown (tls.cert)',
  peer_protocol_error: 'Check that the address in peers is that of a forward proxy',
  peer_auth_required: 'Check the credentials that this proxy presents to its peer',
  peer_faulty: 'Check the log of the peer: it is full, shutting down or has an internal error',
  peer_is_self: 'Check what the name of the peer resolves to: it is an address of this proxy itself',
  tls_certificate_error:
    'Check that the certificate of the peer is valid, comes from tls.ca, and names its address or tls.serverName',
  tls_alert_received:
    'Check the log of the peer, and that it knows the authority of tls.cert and wants nothing older than TLS 1.3',
  tls_protocol_error: 'Check that the port in peers is one where the peer speaks TLS 1.3',
  peer_refused: 'Check the ACL rules of the second tier, named in Proxy-Status',
  peer_failed: 'Check what the second tier says in Proxy-Status about the target',
  dns_error: 'Check the spelling of the host and the DNS configuration of the last tier',
  dns_timeout: 'Check the DNS servers of the last tier',
  connection_refused: 'Check that the target listens on this port',
  connection_timeout: 'Check the outside connection and the firewall of the last tier',
  connection_terminated: 'Check the target; it ended the connection before answering',
  destination_unavailable: 'Check the outside connection of the last tier',
  destination_unroutable: 'Check the routes and the outside connection of the last tier',
  response_malformed: 'The answer is not valid HTTP/1.1; check the target and the port',
  response_incomplete: 'Check the target; its answer ended too early',
  response_timeout: 'Check the load of the target',
  upgrade_failed: 'Check that the target speaks the protocol named in Upgrade',
  no_route: 'No entry under routes takes this request; direct needs `direct: true`',
  loop_detected: 'The request came back to this proxy; check peers and routes of both tiers',
  credentials_unchecked:
    'Try again soon; if it lasts, somebody tries passwords: see weir_wrong_credentials_total',
  saturated: 'Try again; if it lasts, raise the limit of open files or add an instance',
  assertion_unchecked: 'Try again; the log of this hop says why it cannot tell which assertions were used',
  audit_unavailable:
    'Try again soon: nothing passes whose audit record is not written; the log of this hop says why it cannot be',
  connections_exceeded: 'Try again; if it lasts, raise maxConnections of the listener or add an instance',
  ports_exhausted:
    'Try again; if it lasts, give this proxy more local ports or addresses: all that serve here are in use',
  source_unavailable: 'The route names a sourceAddress that is no address of this host',
  client_connections_exceeded:
    'Close connections that are not used; maxConnectionsPerClient of the listener is reached',
  peers_full: 'Try again; if it lasts, raise maxTunnels of the peers, or add one',
  pipelining_exceeded: 'Send at most 64 requests ahead of their answers on one connection',
  requests_exceeded: 'Ask less often; Proxy-Status names the rule that has the limit',
  tunnels_exceeded:
    'Close tunnels that are not used, or reuse them; Proxy-Status names the rule with the limit',
  bandwidth_exceeded:
    'Move less at a time; transfers of the same limit have left nothing for timeouts.establish',
  bytes_exceeded: 'Wait for the next day (UTC), or have bytesPerDay of the limit raised',
  draining: 'Try again; another instance takes over',
  idle_timeout: 'No byte passed for timeouts.idle',
  lifetime_reached: 'The tunnel was open for timeouts.lifetime',
  linger_timeout: 'One side had ended and the other stayed silent for timeouts.linger',
  drain_timeout: 'The process ended before the tunnel did; see timeouts.drain',
  client_gone: 'The client closed or reset its connection before the end',
  internal_error: 'This is a fault of the proxy; give the transaction id to its operators',
} as const;
