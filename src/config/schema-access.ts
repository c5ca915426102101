/** Schema of `access`: the rules, and what each of them may say beside its ACLs. */
import { z } from 'zod';
import { parseInstant } from '#match/instant.ts';
import { parseOnRevoke } from './on-revoke.ts';
import { aclReference, key, list, name, networks, parsed, reference } from './schema-values.ts';
import { spokenText } from './spoken-text.ts';

/** Of a message that clients see. */
const LONGEST_MESSAGE = 500;
/** Of what operators note for themselves. */
const LONGEST_NOTE = 200;

/** Protocol name of RFC 9110 section 7.8, with or without a version; compared without regard to case. */
const protocol = z
  .string()
  .regex(
    /^[\w!#$%&'*+.^`|~-]+(\/[\w!#$%&'*+.^`|~-]+)?$/,
    'A protocol is a name such as websocket, or name/version',
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
      mode: key(
        z.enum(['enforce', 'report']).optional(),
        'With `report` the rule only notes what it would decide, and the next rule decides',
        'report',
      ),
      until: key(
        parsed(z.string(), parseInstant).optional(),
        'Moment from which on the rule never matches: a time with its zone, or a date with its zone, which is the start of that day',
        '"2026-12-31T18:00+08:00"',
      ),
      owner: key(
        parsed(z.string(), spokenText(LONGEST_NOTE)).optional(),
        'Who answers for the rule',
        'platform-team',
      ),
      ticket: key(
        parsed(z.string(), spokenText(LONGEST_NOTE)).optional(),
        'Where the rule was asked for',
        'NET-1234',
      ),
      message: key(
        parsed(z.string(), spokenText(LONGEST_MESSAGE)).optional(),
        'One line for clients that the rule refuses, in the body of the answer; only with `deny`',
        'Ask the platform team for access',
      ),
      allowPrivate: key(
        networks.optional(),
        'Special-purpose and own addresses that may be dialled where this rule allows; only with `allow`',
        '[10.20.0.0/16]',
      ),
      narrows: key(
        z.literal(true).optional(),
        'The rule is meant to refuse what the first tier allows; only with `deny`',
        'true',
      ),
      onRevoke: key(
        parsed(z.string(), parseOnRevoke).optional(),
        'What becomes of open tunnels that the policy would not allow any more: `keep`, `cut`, or `drain` with a duration; only with `allow`',
        'drain 10m',
      ),
      limit: key(
        reference.optional(),
        'Limit under which what the rule allows is counted; only with `allow`',
        'per_client',
      ),
      cache: key(
        z.literal(true).optional(),
        'Answers to plain HTTP may come from the cache; only with `allow`',
        'true',
      ),
      upgrade: key(
        list(protocol).optional(),
        'Protocols that plain HTTP may be upgraded to, as they stand in the field `Upgrade`',
        '[websocket]',
      ),
      sni: key(
        z.enum(['off', 'log', 'verify']).optional(),
        'The ClientHello of tunnels: `log` records its server name and ALPN, `verify` also cuts the tunnel, before a byte of the client has left, where the name is not the host of the CONNECT; only with `allow`',
        'verify',
      ),
    })
    .meta({ oneOf: [{ required: ['allow'] }, { required: ['deny'] }] }),
);
