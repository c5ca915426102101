import t from 'tap';
import { checkPolicy } from '#config/crosscheck-policy.ts';
import { outline, told } from '../../fixtures/config.ts';

const TABLE: Readonly<Record<string, readonly [yaml: string, ...flaws: string[]]>> = {
  'nothing in an empty file': [''],
  'nothing where all is well': [
    `
acls: { a: { src: [] }, d: { dst: [] } }
access: [{ allow: [a, d], upgrade: [websocket], limit: x, cache: true }, { deny: [d], message: x, narrows: true }]
routes: [{ peers: [p], resolve: here, balance: failover }, { direct: true, resolve: here }]
hop: { trust: { from: [a] } }`,
  ],
  'an ACL without matcher': [
    'acls: { a: {} }',
    'acls.a (key): ACL has no matcher. Add one, or use the built-in ACL "all"',
  ],
  'no ACL at all where the ACLs cannot be read': ['acls: []'],
  'a rule that does both or neither': [
    'access: [{ allow: [a], deny: [b] }, { name: x }]',
    'access[0]: Rule both allows and denies. Write exactly one of allow and deny',
    'access[1]: Rule neither allows nor denies. Write exactly one of allow and deny',
  ],
  'a limit in a rule that denies': [
    'access: [{ deny: [a], limit: few }]',
    'access[0].limit (key): Key "limit" does nothing in a deny rule. Remove it, or move it to the rule that allows',
  ],
  'an upgrade in a rule that denies': [
    'access: [{ deny: [a], upgrade: [websocket] }]',
    'access[0].upgrade (key): Key "upgrade" does nothing in a deny rule. Remove it, or move it to the rule that allows',
  ],
  'what is only for rules that allow, in one that denies': [
    'access: [{ deny: [a], allowPrivate: [10.0.0.0/8], onRevoke: cut, limit: x, cache: true, sni: log }]',
    'access[0].allowPrivate (key): Key "allowPrivate" does nothing in a deny rule. Remove it, or move it to the rule that allows',
    'access[0].onRevoke (key): Key "onRevoke" does nothing in a deny rule. Remove it, or move it to the rule that allows',
    'access[0].limit (key): Key "limit" does nothing in a deny rule. Remove it, or move it to the rule that allows',
    'access[0].cache (key): Key "cache" does nothing in a deny rule. Remove it, or move it to the rule that allows',
    'access[0].sni (key): Key "sni" does nothing in a deny rule. Remove it, or move it to the rule that allows',
  ],
  'what is only for rules that deny, in one that allows': [
    'access: [{ allow: [a], message: x, narrows: true }]',
    'access[0].message (key): Key "message" does nothing in an allow rule. Remove it, or move it to the rule that denies',
    'access[0].narrows (key): Key "narrows" does nothing in an allow rule. Remove it, or move it to the rule that denies',
  ],
  'users where nobody can authenticate': [
    'acls: { a: { users: [x] } }',
    'acls.a.users (key): ACL "a" asks for users, but nobody can authenticate. Add for example auth: { usersFile: users.txt }',
  ],
  'nothing in users where somebody can': ['acls: { a: { users: [x] } }\nauth: {}'],
  'a route that does both or neither': [
    'routes: [{ peers: [p], direct: true, resolve: peer, balance: failover }, { name: x, balance: failover }]',
    'routes[0]: Route is both direct and through peers. Write exactly one of peers and direct: true',
    'routes[1]: Route leads nowhere. Write exactly one of peers and direct: true',
  ],
  'a direct route with keys that are for peers': [
    'routes: [{ direct: true, resolve: peer, balance: failover }]',
    'routes[0].resolve: A direct route has no peer to resolve names. Remove resolve, or write resolve: here',
    'routes[0].balance (key): Key "balance" does nothing in a direct route. Remove it',
  ],
  'a route through peers with an address that is for direct ones': [
    'routes: [{ peers: [p], sourceAddress: 10.0.0.5 }, { direct: true, sourceAddress: 10.0.0.5 }]',
    'routes[0].sourceAddress (key): Key "sourceAddress" does nothing in a route with peers. Remove it',
  ],
  'dst in a rule where a route lets its peers resolve': [
    `
acls: { d: { dst: [] }, both: { src: [], dst: [] }, a: { src: [] } }
access: [{ deny: [a, "!d"] }, { allow: [both] }]
routes: [{ peers: [p], resolve: here }, { name: out, peers: [p] }]`,
    'access[0].deny[1]: ACL "d" judges the resolved address, but route "out" lets its peers resolve. Write resolve: here in route "out", or judge names by dstDomains',
    'access[1].allow[0]: ACL "both" judges the resolved address, but route "out" lets its peers resolve. Write resolve: here in route "out", or judge names by dstDomains',
  ],
  'sni in a route and in trust, and not in a rule': [
    'acls: { s: { sni: [] } }\naccess: [{ allow: [s] }]\nroutes: [{ direct: true, when: ["!s"] }]\nhop: { trust: { from: [s] } }',
    'routes[0].when[0]: A route is chosen before the ClientHello comes, but ACL "s" judges its server name. Use an ACL without sni',
    'hop.trust.from[0]: Trust in a client is decided before the ClientHello comes, but ACL "s" judges its server name. Use an ACL without sni',
  ],
  'dst in a route and in trust, wherever names are resolved': [
    'acls: { d: { dst: [] } }\nroutes: [{ direct: true, when: ["!d"] }]\nhop: { trust: { from: [d] } }',
    'routes[0].when[0]: A route is chosen before names are resolved, but ACL "d" judges the resolved address. Use an ACL without dst',
    'hop.trust.from[0]: Trust in a client is decided before names are resolved, but ACL "d" judges the resolved address. Use an ACL without dst',
  ],
};

for (const [what, [yaml, ...flaws]] of Object.entries(TABLE)) {
  t.test(`checkPolicy() finds ${what}`, async (t) => {
    t.same(told(checkPolicy(outline(yaml))), flaws);
  });
}
