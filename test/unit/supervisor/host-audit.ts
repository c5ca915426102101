import t from 'tap';
import { type Body, bodyOf } from '#audit/canonical.ts';
import type { TrailNews } from '#audit/remote-trail.ts';
import { HostAudit } from '#supervisor/host-audit.ts';

const BODY = bodyOf({ event: 'decision' });

function start() {
  const bodies: Body[] = [];
  const lost: number[] = [];
  const news: [string, TrailNews][] = [];
  const log = {
    isFailing: false,
    hasRoom: true,
    append: (body: Body) => {
      bodies.push(body);
      return log.hasRoom;
    },
    lose: (count: number) => void lost.push(count),
    written: async () => {
      if (log.isFailing) throw new Error('full');
    },
  };
  const trail: { there: Set<Body>; asked: number[] } = { there: new Set(), asked: [] };
  const writtenBodies = async (count: number) => {
    trail.asked.push(count);
    return trail.there;
  };
  const audit = new HostAudit<{ readonly name: string }>({ log, writtenBodies }, (worker, one) =>
    news.push([worker.name, one]),
  );
  return { audit, bodies, lost, news, log, trail };
}

t.test('HostAudit tells each worker how many of its own records are written', async (t) => {
  const { audit, bodies, lost, news } = start();
  const [a, b] = [{ name: 'a' }, { name: 'b' }];
  audit.take(a, { bodies: [BODY, BODY], lost: 0 });
  audit.take(b, { bodies: [BODY], lost: 3 });
  audit.take(a, { bodies: [BODY], lost: 0 });
  await Promise.resolve();
  t.equal(bodies.length, 4);
  t.same(lost, [3]);
  t.same(news, [
    ['a', { written: 2, isFailing: false }],
    ['b', { written: 1, isFailing: false }],
    ['a', { written: 3, isFailing: false }],
  ]);
});

t.test('HostAudit tells of a trail that fails only by its state', async (t) => {
  const { audit, news, log } = start();
  const worker = { name: 'a' };
  log.isFailing = true;
  audit.take(worker, { bodies: [BODY], lost: 0 });
  await new Promise(setImmediate);
  t.same(news, []);
  audit.inform(worker);
  t.same(news, [['a', { written: 0, isFailing: true }]]);
});

t.test('HostAudit tells what was written late, once the trail can be written again', async (t) => {
  const { audit, news, log } = start();
  const worker = { name: 'a' };
  log.isFailing = true;
  audit.take(worker, { bodies: [BODY, BODY], lost: 0 });
  await new Promise(setImmediate);
  log.isFailing = false;
  audit.inform(worker);
  await new Promise(setImmediate);
  t.same(news, [
    ['a', { written: 0, isFailing: false }],
    ['a', { written: 2, isFailing: false }],
  ]);
});

t.test('HostAudit takes nothing for a trail that is closed, and does not call it written', async (t) => {
  const { audit, news, bodies, lost } = start();
  const worker = { name: 'a' };
  audit.take(worker, { bodies: [BODY], lost: 0 });
  await Promise.resolve();
  audit.take(worker, { bodies: [BODY], lost: 0, isAgain: true });
  audit.close();
  audit.take(worker, { bodies: [BODY], lost: 2 });
  await new Promise(setImmediate);
  t.same([bodies.length, lost, news.length], [1, [], 1]);
  t.same(audit.newsFor(worker), { written: 1, isFailing: false });
});

t.test('HostAudit fails those who wait for what there was no room for', async (t) => {
  const { audit, news, log } = start();
  log.hasRoom = false;
  audit.take({ name: 'a' }, { bodies: [BODY, BODY], lost: 0 });
  t.same(news, [['a', { written: 0, isFailing: true }]]);
  await new Promise(setImmediate);
  t.same(news.at(-1), ['a', { written: 2, isFailing: false }]);
});

t.test(
  'HostAudit puts in no record that a supervisor before had written, and counts it as written',
  async (t) => {
    const { audit, bodies, news, trail } = start();
    const [there, missing, later] = ['a', 'b', 'c'].map((id) => bodyOf({ transaction_id: id })) as [
      Body,
      Body,
      Body,
    ];
    trail.there = new Set([there]);
    const worker = { name: 'a' };
    audit.take(worker, { bodies: [there, missing], lost: 0, isAgain: true });
    audit.take(worker, { bodies: [later], lost: 0 });
    await new Promise(setImmediate);
    t.same(trail.asked, [2]);
    t.same(bodies, [missing, later], 'what comes meanwhile stays behind');
    t.same(news.at(-1), ['a', { written: 3, isFailing: false }]);
    audit.take(worker, { bodies: [later], lost: 0 });
    t.equal(bodies.length, 3, 'and then nothing is looked for any more');
  },
);

t.test('HostAudit takes everything where the trail cannot be read', async (t) => {
  const { audit, bodies, log } = start();
  log.isFailing = true;
  audit.take({ name: 'a' }, { bodies: [BODY], lost: 0, isAgain: true });
  await new Promise(setImmediate);
  t.same(bodies, [BODY]);
});
