import t from 'tap';
import { checkNames } from '#config/crosscheck-names.ts';
import { outline, told } from '../../fixtures/config.ts';

const TABLE: Readonly<Record<string, readonly [yaml: string, ...flaws: string[]]>> = {
  'nothing in an empty file': [''],
  'nothing where every name is defined': [
    `
listeners: [{ name: main }]
acls: { a: { listeners: [main] }, b: {} }
access: [{ name: r1, allow: [a, "!b", all, "!all"] }, { name: r2, deny: [b] }]
peers: { p: {} }
routes: [{ name: r1, when: [a], peers: [p] }]
hop: { trust: { from: [a] } }`,
  ],
  'an unknown ACL in a rule, with what was meant': [
    'acls: { localnet: {} }\naccess: [{ allow: ["!localnett"] }]',
    'access[0].allow[0]: ACL "localnett" is not defined. Write "localnet", or define it',
  ],
  'an unknown ACL in a route and in trust, with what there is': [
    'acls: { localnet: {}, connect: {} }\nroutes: [{ when: [x] }]\nhop: { trust: { from: [y] } }',
    'routes[0].when[0]: ACL "x" is not defined. Define it, or use one of: all, localnet, connect',
    'hop.trust.from[0]: ACL "y" is not defined. Define it, or use one of: all, localnet, connect',
  ],
  'an unknown ACL that is a property of every object': [
    'access: [{ deny: [constructor] }]',
    'access[0].deny[0]: ACL "constructor" is not defined. Define it, or use one of: all',
  ],
  'no unknown ACL where the ACLs cannot be read': ['acls: [a]\naccess: [{ allow: [a] }]'],
  'an unknown limit': [
    'limits: { few: {} }\naccess: [{ limit: few }, { limit: fev }]',
    'access[1].limit: Limit "fev" is not defined. Write "few", or define it',
  ],
  'an unknown peer': [
    'peers: { vm-a: {} }\nroutes: [{ peers: [vm-a, vm-b] }]',
    'routes[0].peers[1]: Peer "vm-b" is not defined. Write "vm-a", or define it',
  ],
  'an unknown peer where there is none at all': [
    'routes: [{ peers: [vm-b] }]',
    'routes[0].peers[0]: Peer "vm-b" is not defined. Define one under peers',
  ],
  'no unknown peer where the peers cannot be read': ['peers: 5\nroutes: [{ peers: [vm-a] }]'],
  'an unknown listener': [
    'listeners: [{ name: main }]\nacls: { a: { listeners: [mian] } }',
    'acls.a.listeners[0]: Listener "mian" is not defined. Write "main", or define it',
  ],
  'names that are used twice, each time after the first': [
    `
listeners: [{ name: x }, { name: x }]
access: [{ name: x }, { name: y }, { name: x }, { name: x }]
routes: [{ name: x }, { name: x }]`,
    'listeners[1].name: Name is already used at listeners[0].name. Give each a name of its own',
    'access[2].name: Name is already used at access[0].name. Give each a name of its own',
    'access[3].name: Name is already used at access[0].name. Give each a name of its own',
    'routes[1].name: Name is already used at routes[0].name. Give each a name of its own',
  ],
  'an ACL that takes the name of the built-in one': [
    'acls: { all: {} }',
    'acls.all (key): ACL "all" is built in. Choose another name',
  ],
  'a rule that takes the name of no rule': [
    'acls: { default: {} }\naccess: [{ name: defaults }, { name: default }]\nroutes: [{ name: default }]',
    'access[1].name: In metrics "default" stands for the denial where no rule matched. Choose another name',
  ],
};

for (const [what, [yaml, ...flaws]] of Object.entries(TABLE)) {
  t.test(`checkNames() finds ${what}`, async (t) => {
    t.same(told(checkNames(outline(yaml))), flaws);
  });
}
