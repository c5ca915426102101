/**
 * Who may reach what, as a table, judged from the NetworkPolicies alone. The addresses are those of the documents: pods
 * 10.128.0.0/14, Services 10.96.0.0/12, tier 2 on 10.128.2.100, which lies within the range of the pods.
 */
import t, { type Test } from 'tap';
import { kustomize, type Manifest } from '../fixtures/manifests.ts';
import { type Flow, host, mayPass, pod, tcp, udp } from '../fixtures/network-policies.ts';
import { needTool } from '../fixtures/tools.ts';

const WEIR = pod('intra-proxy', '10.128.0.20', {
  'app.kubernetes.io/name': 'weir',
  'app.kubernetes.io/component': 'tier-1',
});
const OTHER_OF_PROXY = pod('intra-proxy', '10.128.0.21', { app: 'debug' });
const API = pod('api', '10.128.0.7', { app: 'api' });
const API_OTHER = pod('api', '10.128.0.8');
const SHOP = pod('shop', '10.128.1.9', { app: 'api' });
const PROMETHEUS = pod('monitoring', '10.128.1.30', { 'app.kubernetes.io/name': 'prometheus' });
const GRAFANA = pod('monitoring', '10.128.1.31', { 'app.kubernetes.io/name': 'grafana' });
const FALSE_PROMETHEUS = pod('shop', '10.128.1.32', { 'app.kubernetes.io/name': 'prometheus' });
const DNS = pod('kube-system', '10.128.0.53', { 'k8s-app': 'kube-dns' });
const LOCAL_DNS_POD = pod('kube-system', '10.128.0.54', { 'k8s-app': 'node-local-dns' });
const FALSE_DNS = pod('shop', '10.128.1.53', { 'k8s-app': 'kube-dns' });
const SYSTEM = pod('kube-system', '10.128.0.60', { 'k8s-app': 'metrics-server' });

const DNS_SERVICE = host('10.96.0.10');
const LOCAL_DNS = host('169.254.20.10');
const PUBLIC_DNS = host('8.8.8.8');
const NODE = host('10.132.0.5');
const CONTROL_PLANE = host('172.16.0.2');
const KUBERNETES = host('10.96.0.1');
const TIER_2 = host('10.128.2.100');
const METADATA = host('169.254.169.254');
const INTERNET = host('20.190.159.2');
const INTERNET_6 = host('2603:1030::1');
const DATABASE = host('10.200.0.5');

/** Everything else is refused by the same policies; each row of what may not be is one that somebody could hope for. */
const MAY: Readonly<Record<string, Flow>> = {
  'api pods use the proxy': tcp(API, WEIR, 3128),
  'pods of api without labels, too': tcp(API_OTHER, WEIR, 3128),
  'the kubelet asks for health': tcp(NODE, WEIR, 9128),
  'Prometheus scrapes': tcp(PROMETHEUS, WEIR, 9128),
  'Weir asks the name servers': udp(WEIR, DNS, 53),
  'Weir asks the name servers, by TCP': tcp(WEIR, DNS, 53),
  'Weir asks them by their Service': udp(WEIR, DNS_SERVICE, 53),
  'Weir asks NodeLocal DNSCache by its address': udp(WEIR, LOCAL_DNS, 53),
  'Weir asks NodeLocal DNSCache as a pod': udp(WEIR, LOCAL_DNS_POD, 53),
  'Weir watches pods': tcp(WEIR, CONTROL_PLANE, 443),
  'Weir watches pods, by the Service': tcp(WEIR, KUBERNETES, 443),
  'Weir goes out through tier 2': tcp(WEIR, TIER_2, 3128),
  'api pods talk to each other': tcp(API, API_OTHER, 8080),
  'api pods talk to other namespaces': tcp(API, SHOP, 8080),
  'others talk to api pods': tcp(SHOP, API, 8080),
  'api pods resolve': udp(API, DNS, 53),
  'api pods resolve by the Service': udp(API, DNS_SERVICE, 53),
  'api pods resolve by NodeLocal DNSCache': udp(API, LOCAL_DNS, 53),
  'api pods resolve by NodeLocal DNSCache, by TCP': tcp(API, LOCAL_DNS, 53),
  'api pods talk to the API server': tcp(API, KUBERNETES, 443),
  'api pods reach a database in the company': tcp(API, DATABASE, 5432),
  'other namespaces are not touched': tcp(SHOP, INTERNET, 443),
};

const MAY_NOT: Readonly<Record<string, Flow>> = {
  'pods of other namespaces use the proxy': tcp(SHOP, WEIR, 3128),
  'a neighbour in the namespace uses the proxy': tcp(OTHER_OF_PROXY, WEIR, 3128),
  'somebody outside uses the proxy': tcp(TIER_2, WEIR, 3128),
  'nodes use the proxy': tcp(NODE, WEIR, 3128),
  'api pods read the admin port': tcp(API, WEIR, 9128),
  'Grafana scrapes': tcp(GRAFANA, WEIR, 9128),
  'a pod that calls itself prometheus scrapes': tcp(FALSE_PROMETHEUS, WEIR, 9128),
  'Prometheus uses the proxy': tcp(PROMETHEUS, WEIR, 3128),
  'Weir goes to the Internet': tcp(WEIR, INTERNET, 443),
  'Weir goes to the Internet by IPv6': tcp(WEIR, INTERNET_6, 443),
  'Weir goes to a proxy of the Internet': tcp(WEIR, INTERNET, 3128),
  'Weir logs in on tier 2': tcp(WEIR, TIER_2, 22),
  'Weir reads the admin port of tier 2': tcp(WEIR, TIER_2, 9128),
  'Weir asks the metadata server': tcp(WEIR, METADATA, 80),
  'Weir asks a name server outside': udp(WEIR, PUBLIC_DNS, 53),
  'Weir asks a pod that calls itself kube-dns': udp(WEIR, FALSE_DNS, 53),
  'Weir talks to api pods': tcp(WEIR, API, 8080),
  'Weir talks to the kubelet': tcp(WEIR, NODE, 10250),
  'Weir talks to the rest of kube-system': tcp(WEIR, SYSTEM, 443),
  'Weir talks to databases': tcp(WEIR, DATABASE, 6379),
  'another pod of the namespace goes out': tcp(OTHER_OF_PROXY, TIER_2, 3128),
  'another pod of the namespace resolves': udp(OTHER_OF_PROXY, DNS, 53),
  'api pods go to the Internet': tcp(API, INTERNET, 443),
  'api pods go to the Internet by IPv6': tcp(API, INTERNET_6, 443),
  'api pods go to the Internet by QUIC': udp(API, INTERNET, 443),
  'api pods go around tier 1': tcp(API, TIER_2, 3128),
  'api pods ask the metadata server': tcp(API, METADATA, 80),
  'api pods ask a name server outside': udp(API, PUBLIC_DNS, 53),
  'api pods ask a name server outside by TCP': tcp(API, PUBLIC_DNS, 53),
  'api pods reach anything but DNS on that address': tcp(API, LOCAL_DNS, 80),
};

async function policies(t: Test): Promise<readonly Manifest[] | undefined> {
  const kubectl = await needTool(t, 'kubectl');
  if (kubectl === undefined) return undefined;
  return ['base', 'api-namespace'].flatMap((folder) => kustomize(kubectl, folder));
}

t.test('who may reach what', async (t) => {
  const built = await policies(t);
  if (built === undefined) return;
  for (const [what, flow] of Object.entries(MAY)) t.equal(mayPass(built, flow), true, what);
});

t.test('who may not', async (t) => {
  const built = await policies(t);
  if (built === undefined) return;
  for (const [what, flow] of Object.entries(MAY_NOT)) t.equal(mayPass(built, flow), false, `not: ${what}`);
});

t.test('no policy but default-deny can be left out', async (t) => {
  const built = await policies(t);
  if (built === undefined) return;
  const names = built.filter(({ kind }) => kind === 'NetworkPolicy').map(({ metadata }) => metadata.name);
  for (const left of names) {
    const others = built.filter(({ kind, metadata }) => kind !== 'NetworkPolicy' || metadata.name !== left);
    const changed = [...Object.values(MAY), ...Object.values(MAY_NOT)].filter(
      (flow) => mayPass(built, flow) !== mayPass(others, flow),
    );
    t.ok(changed.length > 0, `some row is about ${left}`);
  }
});
