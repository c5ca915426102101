/** Every key of the settings: what it must be, and what it is where it is left out. deploy/settings.example.env says what each is for. */

export interface Key {
  readonly must: string;
  readonly pattern: RegExp;
  /** Undefined where it has to be said. */
  readonly fallback?: string;
}

/** A certificate with fewer days left is to be changed before anything else. */
export const MIN_DAYS = 14;

const NAME = { must: 'letters, digits and -', pattern: /^[a-z][a-z0-9-]{0,61}[a-z0-9]$/ };
const PATH = { must: 'a path without spaces', pattern: /^[\w./@+-]+$/ };
const LABEL = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const DOMAIN = `${LABEL}(?:\\.${LABEL})+`;
const OCTET = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)';
const ADDRESS = `${OCTET}(?:\\.${OCTET}){3}`;
const LISTENER = `${LABEL}/${DOMAIN}/${ADDRESS}/[a-z]+://[A-Za-z0-9.-]+(?::\\d{1,5})?`;
const NAMES = `${LABEL}(?:,${LABEL})*`;

export const KEYS: Readonly<Record<string, Key>> = {
  VM_SETTINGS: PATH,
  PACKAGE: PATH,
  PACKAGE_SHA256: { must: '64 hexadecimal digits', pattern: /^[0-9a-f]{64}$/ },
  TIER_2: PATH,
  TIER_1: PATH,
  SECRETS: PATH,
  CERTIFICATES: {
    must: 'openssl or cert-manager',
    pattern: /^(?:openssl|cert-manager)$/,
    fallback: 'openssl',
  },
  CERTIFICATE_DAYS: {
    must: `a number of days from ${MIN_DAYS + 1} to 825`,
    pattern: /^(?:1[5-9]|[2-9]\d|[1-7]\d\d|8[01]\d|82[0-5])$/,
    fallback: '90',
  },
  TIER_2_SECRET: { ...NAME, fallback: 'weir-tier-2' },
  CONTEXT: { must: 'a context of kubectl, without spaces', pattern: /^[\w.:/@-]+$/ },
  CLIENT_NAMESPACE: { ...NAME, fallback: 'api' },
  CLIENTS: PATH,
  IMAGE: {
    must: 'a repository such as registry/project/weir, without a tag',
    pattern: /^[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9._-]+)+$/,
  },
  IMAGE_DIGEST: { must: 'sha256: and 64 hexadecimal digits', pattern: /^sha256:[0-9a-f]{64}$/, fallback: '' },
  IMAGE_TAG: { must: 'a tag', pattern: /^[\w.-]{1,128}$/, fallback: 'deployed' },
  IMAGE_SOURCE: {
    must: 'what skopeo copies, such as oci-archive:FILE or containers-storage:NAME:TAG',
    pattern: /^(?:oci-archive|docker-archive|oci|dir|containers-storage|docker-daemon):[\w./:@+-]+$/,
    fallback: '',
  },
  LISTENERS: {
    must: 'NAME/DNS_NAME/SERVICE_ADDRESS/TARGET, several with commas, such as microsoft/microsoft.intra.aibang.local/10.96.0.128/tcp://bypass-canary.aibang.com:443',
    pattern: new RegExp(`^${LISTENER}(?:,${LISTENER})*$`),
  },
  DNS: {
    must: 'cloud-dns, kube-dns or elsewhere',
    pattern: /^(?:cloud-dns|kube-dns|elsewhere)$/,
  },
  DNS_ZONE: { ...NAME, fallback: '' },
  DNS_FOLDER: { ...PATH, fallback: '' },
  DNS_TTL: {
    must: 'seconds from 5 to 3600',
    pattern: /^(?:[5-9]|[1-9]\d{1,2}|[12]\d{3}|3[0-5]\d\d|3600)$/,
    fallback: '30',
  },
  MOVE: {
    must: 'all, none, or names of LISTENERS with commas',
    pattern: new RegExp(`^${NAMES}$`),
  },
  MONITORING: {
    must: 'folders of k8s/monitoring with commas, with ops-agent for the machines, or none',
    pattern: new RegExp(`^${NAMES}$`),
    fallback: 'managed-rules,ops-agent',
  },
  NOTIFY: { ...PATH, fallback: '' },
  PROBE_LABELS: {
    must: 'labels such as app=api, several with commas',
    pattern: /^[\w./-]+=[\w.-]+(?:,[\w./-]+=[\w.-]+)*$/,
    fallback: '',
  },
  REFUSED: { must: 'host:port', pattern: /^[A-Za-z0-9.-]+:\d{1,5}$/, fallback: 'example.com:443' },
  REFUSED_RULE: { must: 'the name of a rule', pattern: /^[\w.-]+$/, fallback: '' },
  PROMETHEUS: {
    must: 'NAMESPACE/SERVICE:PORT, such as monitoring/prometheus-operated:9090',
    pattern: new RegExp(`^${LABEL}/${LABEL}:(?:\\d{1,5}|${LABEL})$`),
    fallback: '',
  },
  OLD_MANIFESTS: { ...PATH, fallback: '' },
  OLD_UNIT: { must: 'a unit of systemd such as squid.service', pattern: /^[\w.@-]+\.service$/, fallback: '' },
};

/** What of the settings of vm/ is read here, too; vm/lib.sh says what each must be. */
export const VM_KEYS: Readonly<Record<string, string | undefined>> = {
  PROJECT: undefined,
  REGION: undefined,
  NETWORK: undefined,
  VMS: '',
  DNS_NAME: undefined,
  PERMITTED: undefined,
  PROXY_PORT: '3128',
  ADMIN_PORT: '9128',
};
