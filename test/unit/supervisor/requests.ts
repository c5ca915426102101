import t from 'tap';
import { Requests, WorkerFault } from '#supervisor/requests.ts';

const PATIENT = { ms: 60_000, who: 'Worker 7' };

t.test('Requests gives each question a number, and each answer to its own', async (t) => {
  const requests = new Requests();
  const ids: number[] = [];
  const [one, other] = [
    requests.ask((id) => ids.push(id), PATIENT),
    requests.ask((id) => ids.push(id), PATIENT),
  ];
  t.same(ids, [1, 2]);
  requests.answer(9, undefined);
  requests.answer(2, { message: 'Cannot', code: 'E', exitCode: 78 });
  await t.rejects(other, new WorkerFault({ message: 'Cannot', code: 'E', exitCode: 78 }));
  requests.answer(1, undefined);
  await one;
});

t.test('Requests waits for no answer longer than its limit, nor of one that is gone', async (t) => {
  const requests = new Requests();
  await t.rejects(
    requests.ask(() => {}, { ms: 1, who: 'Worker 7' }),
    /Worker 7 does not answer/,
  );
  const asked = requests.ask(() => {}, PATIENT);
  requests.fail('Worker 7 is gone');
  await t.rejects(asked, /Worker 7 is gone/);
  requests.answer(9, { message: 'Cannot', code: undefined, exitCode: undefined });
});
