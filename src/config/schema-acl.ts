/** Schema of `acls` and `access`: who may go where, and when. */
import { z } from 'zod';
import { parseDomainPattern } from '#match/domains.ts';
import { parsePortRange } from '#match/ports.ts';
import { parseDays, parseHours } from '#match/time.ts';
import { parseTimeZone } from '#match/zone-clock.ts';
import { parseNetwork } from '#net/ip.ts';
import { METHODS } from '#net/methods.ts';
import { nearest } from './nearest.ts';
import { parseOnRevoke } from './on-revoke.ts';
import { aclReference, key, list, name, parsed, reference } from './schema-values.ts';

/** Protocol name of RFC 9110 section 7.8, with or without a version; compared without regard to case. */
const protocol = z
  .string()
  .regex(
    /^[\w!#$%&'*+.^`|~-]+(\/[\w!#$%&'*+.^`|~-]+)?$/,
    'A protocol is a name such as websocket, or name/version',
  );

/** A list of addresses and networks. */
export const networks = list(parsed(z.string(), parseNetwork));

const domains = z.union([
  list(parsed(z.string(), parseDomainPattern)),
  z.strictObject({
    file: key(
      z.string().min(1),
      'File with one domain per line; `#` begins a comment, empty lines are skipped',
      'domains.txt',
    ),
  }),
]);

const textOrList = z.union([z.string(), list(z.string())]);

/** Methods are case-sensitive (RFC 9110 section 9.1). */
const method = parsed(z.string().meta({ enum: [...METHODS] }), (text) => {
  if (METHODS.includes(text)) return text;
  const guess = nearest(text, METHODS);
  const cure = guess === undefined ? 'write one that clients send, such as GET or CONNECT' : `write ${guess}`;
  throw new Error(`Method "${text}" is unknown, ${cure}`);
});

const time = z
  .strictObject({
    days: key(
      parsed(textOrList, parseDays).optional(),
      'Days of the week: names, ranges, or a list of those; every day if absent. A range of hours belongs to the day on which it starts',
      'mon-fri',
    ),
    hours: key(
      parsed(textOrList, parseHours).optional(),
      'Ranges of hours; the whole day if absent. The start is included, the end is not; `22:00-06:00` goes on after midnight',
      '"09:00-18:00"',
    ),
    timeZone: key(
      parsed(z.string(), parseTimeZone).prefault('UTC'),
      'Time zone (IANA name) whose clock is meant',
      'Asia/Shanghai',
    ),
  })
  .refine(({ days, hours }) => days !== undefined || hours !== undefined, {
    error: 'Neither days nor hours are given',
  });

const acl = z.strictObject({
  src: key(networks.optional(), 'Address of the client, as the TCP connection has it', '[10.128.0.0/14]'),
  dst: key(
    networks.optional(),
    'Resolved address of the destination; judged for each address of a name',
    '[20.190.128.0/18]',
  ),
  dstDomains: key(
    domains.optional(),
    'Name of the destination: `x.com` itself, `.x.com` itself and everything under it, `*.x.com` only what is under it',
    '[.microsoft.com]',
  ),
  ports: key(
    list(parsed(z.union([z.number(), z.string()]), parsePortRange)).optional(),
    'Port of the destination: numbers and ranges',
    '[80, 443, 1025-65535]',
  ),
  methods: key(
    list(method).optional(),
    'Method of the request, in capitals; TRACE is allowed only by a rule with an ACL that names it',
    '[CONNECT]',
  ),
  listeners: key(list(reference).optional(), 'Name of the listener that took the connection', '[microsoft]'),
  time: key(time.optional(), 'When the request is judged', '{ days: mon-fri, hours: "09:00-18:00" }'),
});

/** `acls`. */
export const acls = z.record(
  name,
  key(acl, 'One ACL: all its keys must match, any value of a list does', '{ ports: [443] }'),
);

const condition = list(aclReference);

/** `access`. Exactly one of `allow` and `deny` is for the cross-check, which other mistakes do not keep from running. */
export const access = list(
  z
    .strictObject({
      name: key(name, 'Name of the rule, shown to clients and written to the log', 'microsoft-login'),
      allow: key(
        condition.optional(),
        'ACLs that must all match for the rule to allow; `!name` negates',
        '[localnet, microsoft]',
      ),
      deny: key(
        condition.optional(),
        'ACLs that must all match for the rule to deny; `!name` negates',
        '["!safe_ports"]',
      ),
      limit: key(reference.optional(), 'Limit under which what the rule allows is counted', 'per_client'),
      onRevoke: key(
        parsed(
          z.string().meta({ pattern: '^(keep|cut|drain +\\d+(ms|s|m|h|d))$' }),
          parseOnRevoke,
        ).optional(),
        'What becomes of open tunnels that the policy would not allow any more; `drain 5m` if absent',
        'drain 10m',
      ),
      upgrade: key(
        list(protocol).optional(),
        'Protocols that plain HTTP may be upgraded to, as they stand in the field `Upgrade`',
        '[websocket]',
      ),
    })
    .meta({ oneOf: [{ required: ['allow'] }, { required: ['deny'] }] }),
);
