/**
 * The claims of an assertion as they are written: first what binds it, in one order and one spelling, then who the client is. Read in
 * no other form, so that no two readers could read them differently. The second part is the same for all requests of a pod, and is read once.
 */
import { LRUCache } from 'lru-cache';
import type { Identity } from '#match/subject.ts';
import { type Claims, JTI_LENGTH } from './assertion.ts';

/** Names of Kubernetes are no longer. */
const MAX_NAME = 253;
const MAX_LABEL_NAME = 317;
const MAX_LABEL_VALUE = 63;

/** What needs no escape. */
const TEXT = String.raw`"([ !#-[\]-~]+)"`;
const SECONDS = String.raw`(\d{1,12}(?:\.\d{1,3})?)`;
const BINDING = new RegExp(
  `^\\{"aud":${TEXT},"jti":"([A-Za-z0-9_-]{${JTI_LENGTH}})","iat":${SECONDS},"exp":${SECONDS},"target":${TEXT},"transaction":${TEXT},"address":${TEXT}([,}])`,
);

/** Pods that ask at the same time. */
const MAX_KNOWN = 4096;
const known = new LRUCache<string, Identity>({ max: MAX_KNOWN });

/** What it is bound to, and what is said of the client. */
export interface Binding {
  readonly aud: string;
  readonly jti: string;
  /** In milliseconds since the epoch. */
  readonly iatMs: number;
  readonly expMs: number;
  readonly target: string;
  readonly transaction: string;
  readonly address: string;
  readonly identity: Identity | undefined;
}

/** How the claims end where nothing is told of the client. */
export const NOTHING_TOLD = '}';

/** The text of the claims: `told` is an {@link identityText}, or {@link NOTHING_TOLD}. */
export function claimsText(
  { aud, jti, iatMs, expMs, target, transaction, address }: Omit<Binding, 'identity'>,
  told: string,
): string {
  return `${startText(aud)}${jti}${afterId(iatMs, expMs)}${target}","transaction":"${transaction}","address":"${address}"${told}`;
}

/** A piece of a text costs as much as all its letters, and mostly the next assertion is for the same peer. */
let [lastAud, lastStart] = ['', ''];

function startText(aud: string): string {
  if (aud !== lastAud) {
    lastStart = `{"aud":"${aud}","jti":"`;
    lastAud = aud;
  }
  return lastStart;
}

/** Texts of fractions are dear, and in one millisecond many ask. */
let [lastIatMs, lastExpMs, lastTimes] = [Number.NaN, Number.NaN, ''];

/** What stands between the id and the target, with the quotes of both. */
function afterId(iatMs: number, expMs: number): string {
  if (iatMs !== lastIatMs || expMs !== lastExpMs) {
    lastTimes = `","iat":${iatMs / 1000},"exp":${expMs / 1000},"target":"`;
    lastIatMs = iatMs;
    lastExpMs = expMs;
  }
  return lastTimes;
}

/** Undefined where the text is not what {@link claimsText} writes. Claims that are not known are not looked at. */
export function readClaims(text: string): Binding | undefined {
  const parts = BINDING.exec(text);
  if (parts === null) return undefined;
  const [all, aud = '', jti = '', iat, exp, target = '', transaction = '', address = '', end] = parts;
  const rest = text.slice(all.length);
  const identity = end === '}' ? undefined : (known.get(rest) ?? readIdentity(rest));
  const isRead = end === '}' ? rest === '' : identity !== undefined;
  if (!isRead || address.length > MAX_NAME) return undefined;
  const [iatMs, expMs] = [Math.round(Number(iat) * 1000), Math.round(Number(exp) * 1000)];
  return { aud, jti, iatMs, expMs, target, transaction, address, identity };
}

/** Who the client is, as claims end with it. */
export function identityText(
  { namespace, pod, uid, serviceAccount, podLabels }: Identity,
  labels: readonly string[],
): string {
  const told = labels.flatMap((name) => {
    const value = podLabels?.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  const claims: Claims = {
    namespace,
    pod,
    uid,
    service_account: serviceAccount,
    labels: told.length === 0 ? undefined : Object.fromEntries(told),
  };
  const text = JSON.stringify(claims);
  return text === '{}' ? NOTHING_TOLD : `,${text.slice(1)}`;
}

/** `rest` are claims with the closing brace. */
function readIdentity(rest: string): Identity | undefined {
  const claims = rest === '}' ? undefined : parse(`{${rest}`);
  if (claims === undefined) return undefined;
  const { namespace, pod, uid, service_account, labels = {} } = claims;
  const identity = Object.freeze<Identity>({
    namespace,
    pod,
    uid,
    serviceAccount: service_account,
    podLabels: new Map(Object.entries(labels)),
    hasAllLabels: false,
    namespaceLabels: undefined,
  });
  known.set(rest, identity);
  return identity;
}

/** Claims that bind it have had their place. */
const BOUND: readonly string[] = ['aud', 'jti', 'iat', 'exp', 'target', 'transaction', 'address'];
const NAMES = ['namespace', 'pod', 'uid', 'service_account'] as const;

function parse(json: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isClaims(value) && JSON.stringify(value) === json ? value : undefined;
  } catch {
    return undefined;
  }
}

function isClaims(value: unknown): value is Claims {
  if (!isMapping(value) || BOUND.some((name) => Object.hasOwn(value, name))) return false;
  for (const name of NAMES) if (value[name] !== undefined && !isName(value[name])) return false;
  return value.labels === undefined || isLabels(value.labels);
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME;
}

function isLabels(value: unknown): boolean {
  return (
    isMapping(value) &&
    Object.entries(value).every(
      ([name, text]) =>
        name.length <= MAX_LABEL_NAME && typeof text === 'string' && text.length <= MAX_LABEL_VALUE,
    )
  );
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
