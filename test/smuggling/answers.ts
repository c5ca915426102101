/**
 * Smuggled answers, through one proxy and through two, with a cache and without: what could be read in two ways is 502, and what is behind an answer is given to
 * nobody: neither to the client who asked, nor to another who asks the same origin.
 */
import t from 'tap';
import { ROWS, startChain } from '../fixtures/chain.ts';
import { owned } from '../fixtures/owned.ts';
import { ANSWERS } from '../fixtures/smuggled-answers.ts';
import { playAnswer } from '../fixtures/smuggling.ts';

for (const { length, keys, how } of ROWS) {
  t.test(how, async (t) => {
    const { port } = owned(t, await startChain(length, keys));
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
