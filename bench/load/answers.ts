/** Answers of the origin that the harness must know to check them. */

/** To a POST whose body is only counted. */
export const COUNT_ANSWER = 'ok\n';

/** Field that numbers answers for a cache to keep. */
export const KEPT_NUMBER = 'x-kept-number';
