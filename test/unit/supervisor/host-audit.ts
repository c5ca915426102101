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
  const audit = new HostAudit<{ readonly name: string }>(log, (worker, one) => news.push([worker.name, one]));
  return { audit, bodies, lost, news, log };
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

t.test('HostAudit fails those who wait for what there was no room for', async (t) => {
  const { audit, news, log } = start();
  log.hasRoom = false;
  audit.take({ name: 'a' }, { bodies: [BODY, BODY], lost: 0 });
  t.same(news, [['a', { written: 0, isFailing: true }]]);
  await new Promise(setImmediate);
  t.same(news.at(-1), ['a', { written: 2, isFailing: false }]);
});
