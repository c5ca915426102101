/** Why an answer is not kept, in a sentence: for each word of cache/storable.ts and of who else notes one. */
import type { Note } from '#cache/notes.ts';

export const WHY_NOT: Readonly<Record<string, string>> = {
  'request-no-store': 'the request says no-store (RFC 9111 section 5.2.1.5)',
  'request-narrowed':
    'the request was for a part, or under a condition, and the answer is none to others (section 3)',
  authorization:
    'the request has credentials, and the answer says neither public, s-maxage nor must-revalidate (section 3.5)',
  status: 'a part (206) is no whole answer, and a 304 none to this question (section 3.3)',
  'must-understand': 'it says must-understand, and its status is not understood (section 5.2.2.3)',
  'no-store': 'it says no-store (section 5.2.2.5)',
  private: 'it says private (section 5.2.2.7)',
  'set-cookie': 'it has Set-Cookie: what one client is told to remember is no other’s (section 7.3)',
  'vary-any': 'it varies by *, or by what each hop writes anew (section 4.1)',
  'no-lifetime': 'nobody says how long it is good, and there is nothing to ask about it by (section 3)',
  method: 'only answers to GET are kept (section 3)',
  fault: 'it tells of a fault of a peer, which is of this moment',
  'too-large': 'it is larger than cache.maxObject, or there is no room beside what is coming in',
  trailers: 'it has trailers, which could not be given to those who come later',
  incomplete: 'it broke off before its end (section 3.4)',
  changed: 'an unsafe request changed it (section 4.4)',
  purged: 'it was purged by hand',
};

export function reasonText({ why, status }: Note): string {
  const reason = WHY_NOT[why] ?? why;
  return status === undefined
    ? `taken out, since ${reason}`
    : `an answer ${status} was not kept, since ${reason}`;
}
