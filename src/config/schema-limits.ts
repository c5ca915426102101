/** Schema of `limits`: how much of what those whom a rule allows may have, and where that is counted. */
import { z } from 'zod';
import type { Per } from '#limit/options.ts';
import { nearest } from './nearest.ts';
import { parseBandwidth, parseRate, parseSize } from './quantities.ts';
import { parseRedisUrl } from './redis-url.ts';
import { duration, key, name, parsed, wholeNumber } from './schema-values.ts';

const PER: readonly Per[] = ['source', 'namespace', 'serviceAccount', 'user', 'listener', 'rule', 'global'];

/** @throws {Error} naming the text and the fix */
function parsePer(text: string): Per {
  const per = PER.find((word) => word === text);
  if (per !== undefined) return per;
  throw new Error(`Limit per "${text}" cannot be, write ${nearest(text, PER) ?? PER.join(' or ')}`);
}

const count = wholeNumber(1_000_000_000, {
  tooSmall: 'A limit lets something pass, write a number of at least 1',
  tooGreat: 'The number is too great, write at most 1000000000',
});
const LIMITED = ['requests', 'tunnels', 'bandwidth', 'bytesPerDay'] as const;
const text = (pattern: string) => z.string().meta({ pattern });

const limit = z
  .strictObject({
    per: key(
      parsed(z.string().meta({ enum: [...PER] }), parsePer),
      'Who is counted together: each client address (an IPv6 client by its first 64 bits), each namespace of pods, each service account, each user, each listener, each rule that names the limit, or all',
      'source',
    ),
    requests: key(
      parsed(text('^\\d+/(s|m|h)$'), parseRate).optional(),
      'Transactions in a time: CONNECT and plain HTTP requests alike',
      '50/s',
    ),
    burst: key(
      count.optional(),
      'Transactions that may come at once after a pause; those of two seconds if absent',
      '100',
    ),
    tunnels: key(count.optional(), 'Tunnels that are open at the same time', '500'),
    bandwidth: key(
      parsed(text('^\\d+(B|KiB|MiB|GiB|TiB)/s$'), parseBandwidth).optional(),
      'Bytes a second, both directions together, shared out evenly among the tunnels and answers that are under way',
      '20MiB/s',
    ),
    bytesPerDay: key(
      parsed(text('^\\d+(B|KiB|MiB|GiB|TiB)$'), parseSize).optional(),
      'Bytes a day (UTC), both directions together; when they are used up, what is new is refused and what is open is cut',
      '5GiB',
    ),
  })
  .refine((own) => LIMITED.some((resource) => own[resource] !== undefined), {
    error: 'Limit limits nothing, write requests, tunnels, bandwidth or bytesPerDay',
  })
  .refine(({ requests, burst }) => burst === undefined || requests !== undefined, {
    path: ['burst'],
    error: 'Burst is of a rate, write requests as well',
  });

const redis = z.strictObject({
  url: key(
    parsed(z.string(), parseRedisUrl),
    'Where Redis is; `rediss` is with TLS',
    'rediss://redis.example.com:6379',
  ),
  username: key(z.string().min(1).optional(), 'User of Redis; its default user if absent', 'weir'),
  passwordFile: key(
    z.string().min(1).optional(),
    'File whose one line is the password; it is read again at every connection',
    'redis.password',
  ),
  timeout: key(
    duration.prefault('50ms'),
    'How long an answer may take; after that each host counts its share',
    '100ms',
  ),
  caFile: key(
    z.string().min(1).optional(),
    "PEM file of the authorities of Redis' certificate; those of the system if absent",
    'redis-ca.pem',
  ),
});

const store = z.strictObject({
  redis: key(redis, 'Redis, in which all who name it count together', '{ url: "redis://127.0.0.1:6379" }'),
});

/** Limits by name, and `store`, which is the name of none. */
export const limits = z
  .object({
    store: key(
      store.optional(),
      'Where limits are counted; each host its own if absent',
      '{ redis: { url: "redis://127.0.0.1:6379" } }',
    ),
  })
  .catchall(limit)
  .superRefine((all, context) => {
    for (const [own, value] of Object.entries(all)) {
      const { error } = name.safeParse(own);
      for (const { message } of error?.issues ?? [])
        context.addIssue({ code: 'custom', path: [own], message, input: value });
    }
  });
