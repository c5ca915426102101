/** `src` and `dst`: the client's address, and the destination's once it is known, in a list of networks. */
import type { Network } from '#net/ip.ts';
import { PrefixSet } from '#net/prefix-set.ts';
import type { Matcher } from './matcher.ts';
import { Tri, triOf } from './tri.ts';

/** `src`: judges the TCP (or PROXY protocol) address of the client. */
export function compileSources(networks: readonly Network[]): Matcher {
  const set = new PrefixSet(networks);
  return Object.freeze<Matcher>({ key: 'src', test: (subject) => triOf(set.has(subject.clientAddress)) });
}

/** `dst`: judges the resolved address, or the host where it is one; pending while a name is not resolved. */
export function compileDestinations(networks: readonly Network[]): Matcher {
  const set = new PrefixSet(networks);
  return Object.freeze<Matcher>({
    key: 'dst',
    test: (subject) => {
      const address = subject.destination ?? subject.host.address;
      return address === undefined ? Tri.Pending : triOf(set.has(address));
    },
  });
}
