/**
 * Every type of Squid's ACLs, and what becomes of it: translated, always the same answer where requests are judged, or
 * beyond Weir. One table; the translations of values are elsewhere.
 */

import { fieldPatterns, headerPatterns, hostPatterns, pathPatterns, urlPatterns } from './acl-patterns.ts';
import { times } from './acl-time.ts';
import { users } from './acl-users.ts';
import { addresses, domains, methods, type Outcome, ports, schemes, type Translate } from './acl-values.ts';
import type { FindListeners } from './listeners.ts';

/** A type that is translated, or one sentence about why not, with what it counts for. */
export type AclType =
  | { readonly translate: Translate }
  | {
      readonly outcome: Outcome;
      readonly verdict: 'dropped' | 'dangerous';
      readonly why: string;
    };

/** What types need to know beside the ACL. */
export interface AclContext {
  readonly timeZone: string;
  readonly listenersOf: FindListeners;
}

/** Types by name. */
export function aclTypes(context: AclContext): ReadonlyMap<string, AclType> {
  return new Map<string, AclType>([
    ['src', { translate: addresses('src') }],
    ['dst', { translate: addresses('dst') }],
    ['dstdomain', { translate: domains }],
    ['port', { translate: ports }],
    ['method', { translate: methods }],
    ['proto', { translate: schemes }],
    ['time', { translate: times(context.timeZone) }],
    ['myportname', { translate: listeners('myportname', context) }],
    ['localport', { translate: listeners('localport', context) }],
    ['dstdom_regex', { translate: hostPatterns }],
    ['url_regex', { translate: urlPatterns }],
    ['urlpath_regex', { translate: pathPatterns }],
    ['browser', { translate: fieldPatterns('user-agent') }],
    ['referer_regex', { translate: fieldPatterns('referer') }],
    ['req_header', { translate: headerPatterns }],
    ['proxy_auth', { translate: users }],
    ['manager', { outcome: { constant: false }, verdict: 'dropped', why: MANAGER }],
    ['maxconn', { outcome: { constant: false }, verdict: 'dangerous', why: MAXCONN }],
    ...row('rep_mime_type rep_header http_status hier_code peername peername_regex', NEVER),
    ...row('adaptation_service snmp_community at_step has', NEVER),
    ...row('annotate_transaction annotate_client', ALWAYS),
    ...row(
      'arp eui64 clientside_mark client_connection_mark',
      unjudged('Weir sees no such thing of a client'),
    ),
    ...row('srcdomain srcdom_regex', unjudged('Weir never looks for names of clients. Write src')),
    ...row('src_as dst_as', unjudged('Weir knows no AS numbers. Write src or dst with the networks')),
    ...row('ident ident_regex', unjudged('Weir has no ident')),
    ...row('external ext_user ext_user_regex tag note', unjudged('Weir calls no helpers')),
    ...row('localip', unjudged('write an ACL with listeners, each bound to an address')),
    ...row('urllogin req_mime_type random max_user_ip', unjudged('Weir has no such matcher')),
    ...row('proxy_auth_regex transaction_initiator', unjudged('Weir has no such matcher')),
    ...row('user_cert ca_cert', unjudged('certificates of clients are judged by clientCerts')),
    ...row(
      'ssl::server_name ssl::server_name_regex ssl::server_name::regex',
      unjudged('the ClientHello is judged by sni'),
    ),
    ...row('ssl_error server_cert_fingerprint connections_encrypted', unjudged('Weir decrypts nothing')),
  ]);
}

const MANAGER =
  'Weir has no cache manager, so that there is nothing to allow or deny: cache_object:// gets 400, and /squid-internal-mgr/ is a path like any other. What it told is at the admin address, which is no proxy port';

const MAXCONN =
  'Nothing limits connections here: rules of Weir cannot ask how many a client has, and only "http_access deny" with this ACL alone can be carried over, as a limit. It is taken never to hold. Instead write a limit { per: source, tunnels: N } under limits, and name it as limit in the rules that allow; what is more then gets 429. More: docs/configuration.md, limits';

const NEVER: AclType = {
  outcome: { constant: false },
  verdict: 'dropped',
  why: 'Known only of answers and peers: where requests are judged it never holds',
};

const ALWAYS: AclType = {
  outcome: { constant: true },
  verdict: 'dropped',
  why: 'Always holds; the note that it makes has no reader here',
};

function unjudged(why: string): AclType {
  const text = `${why[0]?.toUpperCase()}${why.slice(1)}`;
  return { outcome: { unknown: why }, verdict: 'dropped', why: text };
}

function row(names: string, type: AclType): [string, AclType][] {
  return names.split(' ').map((name) => [name, type]);
}

function listeners(kind: 'myportname' | 'localport', context: AclContext): Translate {
  return ({ values }, tell) => {
    const names: string[] = [];
    for (const { text, at } of values) {
      const found = context.listenersOf(kind, text);
      if (found.length === 0) tell(at, 'changed', `No listener is called "${text}": it never holds`);
      names.push(...found);
    }
    return names.length === 0 ? { constant: false } : { any: [{ listeners: [...new Set(names)] }] };
  };
}
