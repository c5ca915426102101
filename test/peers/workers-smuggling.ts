/** Smuggling through two tiers of four workers each: what one process promises of a connection, four do of theirs. */
import t from 'tap';
import { yamlOf } from '../fixtures/proxy.ts';
import { ANSWERS } from '../fixtures/smuggled-answers.ts';
import { REQUESTS } from '../fixtures/smuggled-requests.ts';
import { playAnswer, playRequest } from '../fixtures/smuggling.ts';
import { startWeir } from '../fixtures/weir.ts';

const WORKERS = { workers: '4' };

t.test('two tiers of four workers each', async (t) => {
  const last = await startWeir(t, yamlOf({ name: 't2', ...WORKERS }));
  const first = await startWeir(
    t,
    yamlOf({
      name: 't1',
      peers: `{ next: { address: "127.0.0.1:${last.port}" } }`,
      routes: '[{ name: out, peers: [next] }]',
      ...WORKERS,
    }),
  );
  for (const [title, vector] of REQUESTS) {
    const { lines, statuses } = await playRequest(first.port, vector);
    const count = vector.fate === 'refused' || vector.fate === 'never whole' ? 0 : 1;
    t.equal(lines.length, count, title);
    if (vector.fate === 'refused') t.same(statuses, [400], title);
  }
  for (const [title, vector] of ANSWERS) {
    const [answer, ...later] = await playAnswer(first.port, vector);
    t.equal(answer?.status, vector.status, title);
    t.notOk(
      later.some((one) => !one?.body.startsWith('later ')),
      title,
    );
  }
});
