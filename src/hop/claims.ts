/** The claims of an assertion as they come: whether they are ones, and who the client is by them. */
import type { Identity } from '#match/subject.ts';
import { type Claims, JTI_BYTES } from './assertion.ts';

/** Names of Kubernetes are no longer. */
const MAX_NAME = 253;
const MAX_LABEL_NAME = 317;
const MAX_LABEL_VALUE = 63;
const JTI = new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((JTI_BYTES * 4) / 3)}}$`);

const NAMES = ['namespace', 'pod', 'uid', 'service_account'] as const;

/** Whether it has all that every assertion has, and of what not all have only what there can be. Others are not looked at. */
export function isClaims(value: unknown): value is Claims {
  if (!isMapping(value)) return false;
  const { aud, jti, iat, exp, target, transaction, address, labels } = value;
  const isBound = typeof aud === 'string' && typeof target === 'string' && typeof transaction === 'string';
  const isDated = Number.isFinite(iat) && Number.isFinite(exp);
  if (!isBound || !isDated || typeof jti !== 'string' || !JTI.test(jti)) return false;
  if (!isName(address)) return false;
  for (const name of NAMES) if (value[name] !== undefined && !isName(value[name])) return false;
  return labels === undefined || isLabels(labels);
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

/** Undefined where they say nothing of who the client is. The labels are a selection. */
export function identityIn({ namespace, pod, uid, service_account, labels }: Claims): Identity | undefined {
  const isSilent = [namespace, pod, uid, service_account, labels].every((claim) => claim === undefined);
  if (isSilent) return undefined;
  return {
    namespace,
    pod,
    uid,
    serviceAccount: service_account,
    podLabels: new Map(Object.entries(labels ?? {})),
    hasAllLabels: false,
  };
}
