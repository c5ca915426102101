/** Schema of `acls`: named conditions. */
import { z } from 'zod';
import { clientKeys } from './schema-acl-client.ts';
import { requestKeys } from './schema-acl-request.ts';
import { key, name } from './schema-values.ts';

const acl = z.strictObject({ ...clientKeys, ...requestKeys });

/** `acls`. */
export const acls = z.record(
  name,
  key(acl, 'One ACL: all its keys must match, any value of a list does', '{ ports: [443] }'),
);
