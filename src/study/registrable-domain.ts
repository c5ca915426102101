/**
 * Up to where names may be taken together: the domain that one owner registered, by the Public Suffix List, private suffixes
 * included. A domain with a public suffix beneath it (amazonaws.com has s3.amazonaws.com) is not one owner's, and is none here.
 */
import { parse } from 'tldts';
// @ts-expect-error -- tldts has types for its index alone.
import publicSuffixes from 'tldts/dist/cjs/src/data/trie.js';

/** What tldts keeps the list in, and looks names up by; it has no call for what is beneath a name. */
interface SuffixTrie {
  /** First edge of each node; the next node's begin where they end. */
  readonly edgeStart: ArrayLike<number>;
  readonly edgeChild: ArrayLike<number>;
  readonly edgeLength: ArrayLike<number>;
  /** Labels of all edges in a row. */
  readonly labelText: string;
  readonly rulesRoot: number;
}

let holders: ReadonlySet<string> | undefined;

/** The registrable domain of a canonical name; undefined where it has none, or where it would cover a public suffix. */
export function registrableDomain(host: string): string | undefined {
  const { domain, isIcann, isPrivate } = parse(host, { allowPrivateDomains: true, extractHostname: false });
  // A suffix that is on no list may have any number of owners beneath it: svc.cluster.local.
  if (domain === null || !(isIcann || isPrivate)) return undefined;
  holders ??= readHolders();
  return holders.has(domain) ? undefined : domain;
}

/** All names that have a public suffix beneath them. */
function readHolders(): Set<string> {
  const trie: SuffixTrie = publicSuffixes;
  const labels = labelsOf(trie);
  const found = new Set<string>();
  const walk = (node: number, name: string): void => {
    const [first, end] = [Number(trie.edgeStart[node]), Number(trie.edgeStart[node + 1])];
    if (first < end) found.add(name);
    for (let edge = first; edge < end; edge += 1) {
      const child = name === '' ? String(labels[edge]) : `${labels[edge]}.${name}`;
      walk(Number(trie.edgeChild[edge]), child);
    }
  };
  walk(trie.rulesRoot, '');
  return found;
}

function labelsOf({ edgeLength, labelText }: SuffixTrie): string[] {
  let offset = 0;
  return Array.from(edgeLength, (length) => {
    offset += length;
    return labelText.slice(offset - length, offset);
  });
}
