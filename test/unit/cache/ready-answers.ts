import t from 'tap';
import { MAX_READY_BYTES, ReadyAnswer, ReadyAnswers } from '#cache/ready-answers.ts';

const KEPT = 'Connection: keep-alive\r\n';

/** One that has been asked for. */
function asked(): ReadyAnswer {
  const answer = new ReadyAnswer();
  answer.isOf(1, 59, KEPT);
  return answer;
}

t.test('ReadyAnswer.isOf() is true from the second time on that the same is said', async (t) => {
  const answer = new ReadyAnswer();
  t.notOk(answer.isOf(1, 59, KEPT));
  t.ok(answer.isOf(1, 59, KEPT));
  t.ok(answer.isOf(1, 59, KEPT));
});

t.test('ReadyAnswer.isOf() drops what is ready when anything else is said', async (t) => {
  const others = {
    'a second later': [2, 58, KEPT],
    'as much time': [1, 58, KEPT],
    'no keeping': [1, 59, ''],
  } as const;
  for (const [title, [age, ttl, connection]] of Object.entries(others)) {
    const answer = asked();
    new ReadyAnswers().keep(answer, Buffer.from('x'), true);
    t.notOk(answer.isOf(age, ttl, connection), title);
    t.equal(answer.bytes, undefined, title);
    t.ok(answer.isOf(age, ttl, connection), title);
  }
});

t.test('ReadyAnswers.keep() keeps bytes, and whether the body is among them', async (t) => {
  const answers = new ReadyAnswers();
  const [whole, head] = [asked(), asked()];
  answers.keep(whole, Buffer.from('all'), true);
  answers.keep(head, Buffer.from('head'), false);
  t.same([`${whole.bytes}`, whole.isWhole], ['all', true]);
  t.same([`${head.bytes}`, head.isWhole], ['head', false]);
});

t.test('ReadyAnswers.keep() keeps nothing that is long', async (t) => {
  const answer = asked();
  new ReadyAnswers().keep(answer, Buffer.alloc(MAX_READY_BYTES + 1), true);
  t.equal(answer.bytes, undefined);
});

t.test('ReadyAnswers.keep() has the oldest make room, and gives each one place', async (t) => {
  const answers = new ReadyAnswers();
  const bytes = Buffer.from('x');
  const many = Array.from({ length: 256 }, asked);
  for (const answer of many) answers.keep(answer, bytes, true);
  // Made anew in its place, it pushes nobody out.
  for (let time = 0; time < 300; time += 1) answers.keep(many[7] as ReadyAnswer, bytes, true);
  t.ok(many.every((answer) => answer.bytes === bytes));
  answers.keep(asked(), bytes, true);
  t.same(many.map((answer) => answer.bytes).indexOf(bytes), 1, 'the first has gone, the second is there');
  answers.keep(many[0] as ReadyAnswer, bytes, true);
  t.equal(many[0]?.bytes, bytes);
  t.equal(many[1]?.bytes, undefined);
});
