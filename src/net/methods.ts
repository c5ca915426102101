/** Which methods there are for us: what Node's parser does not read is malformed, and never gets to a rule. */
import http from 'node:http';

export const METHODS: readonly string[] = http.METHODS;
