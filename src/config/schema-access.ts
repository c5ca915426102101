/** Schema of `access`: the rules, and what each of them may say beside its ACLs. */
import { z } from 'zod';
import { aclReference, key, list, name } from './schema-values.ts';

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
      upgrade: key(
        list(protocol).optional(),
        'Protocols that plain HTTP may be upgraded to, as they stand in the field `Upgrade`',
        '[websocket]',
      ),
    })
    .meta({ oneOf: [{ required: ['allow'] }, { required: ['deny'] }] }),
);
