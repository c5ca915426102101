import t from 'tap';
import { Quota } from '#limit/quota.ts';

class Unlimited extends Quota {
  readonly isFresh = true;
  take = (_: string, want: number): number => want;
  charge = (): void => {};
  giveBack = (): void => {};
  retryMs = (): undefined => undefined;
}

t.test('Quota has a key, and at first nobody who counts on it', async (t) => {
  t.match(new Unlimited('a'), {
    key: 'a',
    claims: 0,
    shaper: undefined,
    previous: undefined,
    next: undefined,
  });
});
