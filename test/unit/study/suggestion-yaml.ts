import t from 'tap';
import { parse } from 'yaml';
import type { SuggestedHost, SuggestedRule } from '#study/group-traffic.ts';
import { suggestionYaml } from '#study/suggestion-yaml.ts';

const SEEN = { count: 2, firstMs: Date.UTC(2026, 10, 23, 2), lastMs: Date.UTC(2026, 10, 24, 2) };
const host = (text: string, ...names: string[]): SuggestedHost => ({ text, names, seen: SEEN });

const NAMES: SuggestedRule = {
  sources: { kind: 'network', values: ['10.128.0.0/24', '2001:db8::/64'] },
  methods: ['GET', 'POST'],
  ports: [80, 8080],
  hostKind: 'name',
  hosts: [host('.example.com', 'a.example.com', 'b.example.com'), host('null'), host('1.example.org')],
  seen: SEEN,
};
const ADDRESSES: SuggestedRule = {
  ...NAMES,
  methods: ['CONNECT'],
  ports: [443],
  hostKind: 'ip',
  hosts: [host('2001:db8::1')],
  seen: { ...SEEN, count: 1 },
};

const suggestion = (...rules: SuggestedRule[]) => ({
  rules,
  covered: { ...SEEN, count: 5 },
  notCovered: 0,
  unusable: 0,
  passedOver: 0,
  passedOverFor: [],
  broken: 0,
});

t.test('suggestionYaml() writes ACLs and rules, with what was seen in comments', async (t) => {
  t.equal(
    suggestionYaml(suggestion(NAMES, ADDRESSES)),
    `# By weir suggest, for 5 requests, 2026-11-23T02:00:00Z to 2026-11-24T02:00:00Z. Read every line before it is used.
acls:
  suggested-from-1: { src: ["10.128.0.0/24", "2001:db8::/64"] }
  suggested-to-1:
    methods: [GET, POST]
    ports: [80, 8080]
    dstDomains:
      - .example.com  # 2 requests, 2026-11-23T02:00:00Z to 2026-11-24T02:00:00Z: 2 names, a.example.com, b.example.com
      - "null"  # 2 requests, 2026-11-23T02:00:00Z to 2026-11-24T02:00:00Z
      - "1.example.org"  # 2 requests, 2026-11-23T02:00:00Z to 2026-11-24T02:00:00Z
  suggested-to-2:
    methods: [CONNECT]
    ports: [443]
    # Asked for by address: routes with peers have to say "resolve: here", or leave this out with its rule.
    dst:
      - "2001:db8::1"  # 2 requests, 2026-11-23T02:00:00Z to 2026-11-24T02:00:00Z
access:
  - { name: suggested-1, allow: [suggested-from-1, suggested-to-1] }  # 2 requests, 2026-11-23T02:00:00Z to 2026-11-24T02:00:00Z
  - { name: suggested-2, allow: [suggested-from-1, suggested-to-2] }  # 1 request, 2026-11-23T02:00:00Z to 2026-11-24T02:00:00Z
`,
  );
});

t.test(
  'suggestionYaml() names namespaces, whatever is in the log, and few of many folded names',
  async (t) => {
    const odd = 'a"\n- b: [';
    const names = ['a', 'b', 'c', 'd', 'e', 'f'].map((label) => `${label}.example.com`);
    const yaml = suggestionYaml(
      suggestion({
        ...NAMES,
        sources: { kind: 'namespace', values: ['api', odd] },
        hosts: [host('.example.com', ...names)],
      }),
    );
    t.same(parse(yaml).acls['suggested-from-1'], { namespaces: ['api', odd] });
    t.match(yaml, /: 6 names, a\.example\.com, .*, e\.example\.com, \.\.\.$/m);
  },
);
