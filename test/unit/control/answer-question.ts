import t from 'tap';
import type { CacheQuestion, CacheWord } from '#cache/question.ts';
import { type AnswerParts, answerQuestion } from '#control/answer-question.ts';

const VIEW = { kept: [], isUnderWay: false, note: undefined, next: [] };
const RULES = { caching: ['a'], possible: [], others: [] };
const WHY = JSON.stringify({ act: 'why', url: 'http://a.example/', method: 'GET', headers: [] });
const PURGE = JSON.stringify({ act: 'purge', target: 'a.example' });

async function answer(line: string, words: readonly CacheWord[], parts: Partial<AnswerParts> = {}) {
  const asked: CacheQuestion[] = [];
  const told: unknown[] = [];
  const text = await answerQuestion(line, {
    ask: async (question) => {
      asked.push(question);
      return words;
    },
    admit: async () => {},
    onPurge: (...facts) => void told.push(facts),
    ...parts,
  });
  return { answer: JSON.parse(text), asked, told };
}

t.test('why: what each process says, and the rules once', async (t) => {
  const reply = { act: 'why', view: VIEW, rules: RULES } as const;
  const {
    answer: { result },
  } = await answer(WHY, [
    { pid: 1, reply: undefined },
    { pid: 2, reply },
  ]);
  t.match(result, { act: 'why', url: 'http://a.example/', method: 'GET', complete: false, rules: RULES });
  t.same(result.processes, [{ pid: 1 }, { pid: 2, kept: [], isUnderWay: false, next: [] }]);
  const { answer: alone } = await answer(WHY, [{ pid: undefined, reply: undefined }]);
  t.same(alone.result.rules, { caching: [], possible: [], others: [] });
  t.same(alone.result.processes, [{ pid: null }]);
});

t.test('purge: all processes together, and who did not answer', async (t) => {
  const done = { pid: 1, reply: { act: 'purge', purged: 2 } } as const;
  const whole = await answer(PURGE, [done, { ...done, pid: undefined }]);
  t.match(whole.answer.result, { target: 'a.example', kind: 'host', purged: 4, complete: true });
  t.match(whole.told, [['done', { purged: 4 }]]);
  const part = await answer(PURGE, [done, { pid: 2, reply: undefined }]);
  t.match(part.answer.result, { purged: 2, complete: false });
  t.same(part.answer.result.processes, [
    { pid: 1, purged: 2 },
    { pid: 2, purged: null },
  ]);
  t.match(part.told, [['incomplete', {}]]);
  const left = await answer(PURGE, [done, { pid: 2, reply: { act: 'purge', purged: 1, fault: 'EROFS' } }]);
  t.match(left.answer.result, { purged: 3, complete: false });
  t.same(left.answer.result.processes[1], { pid: 2, purged: 1, fault: 'EROFS' });
  t.match(left.told, [['incomplete', {}]]);
});

// Attacks: no-unrecorded.
t.test('a purge that cannot be put on the audit trail is not done', async (t) => {
  const admit = async (): Promise<void> => {
    throw new Error('the audit trail cannot be written');
  };
  const { answer: refused, asked, told } = await answer(PURGE, [], { admit });
  t.same(refused.failure, {
    kind: 'refused',
    message: 'Nothing was purged: the audit trail cannot be written',
  });
  t.same(asked, []);
  t.match(told, [['refused', { why: 'the audit trail cannot be written' }]]);
});

t.test('what makes no sense is told as such', async (t) => {
  const { answer: failed, asked } = await answer('nonsense', []);
  t.match(failed, { failure: { kind: 'usage', message: 'A question is a line of JSON' } });
  t.same(asked, []);
});
