/**
 * Smuggled answers, through one proxy and through two: what could be read in two ways is 502, and what is behind an answer is given to
 * nobody: neither to the client who asked, nor to another who asks the same origin.
 */
import t from 'tap';
import { startChain, through } from '../fixtures/chain.ts';
import { owned } from '../fixtures/owned.ts';
import { ANSWERS } from '../fixtures/smuggled-answers.ts';
import { playAnswer } from '../fixtures/smuggling.ts';

for (const length of [1, 2] as const) {
  t.test(through(length), async (t) => {
    const { port } = owned(t, await startChain(length));
    for (const [title, vector] of ANSWERS) {
      const { status } = vector;
      const [first, ...later] = await playAnswer(port, vector);
      t.equal(first?.status, status, title);
      t.same(
        later.map((answer) => answer?.body),
        ['later 1', 'later 2'].slice(0, later.length),
        title,
      );
    }
  });
}
