import t from 'tap';
import { type Hello, MEETING_VERSION, type Order, type Report } from '#supervisor/protocol.ts';
import { MAX_GENERATIONS, Veterans } from '#supervisor/veterans.ts';
import { logLines } from '../../fixtures/log-lines.ts';

/** A line that keeps what is sent. */
function line() {
  const sent: Order[] = [];
  const one = {
    sent,
    isOpen: true,
    send: async (order: Order) => void sent.push(order),
    close: () => {
      one.isOpen = false;
    },
  };
  return one;
}

function start() {
  const { log, lines } = logLines();
  const said: string[] = [];
  const veterans = new Veterans({
    log,
    eventsOf: (veteran) => ({
      onPeer: () => said.push(`peer of ${veteran().pid}`),
      onAsks: () => said.push(`asks of ${veteran().pid}`),
      onChanged: () => said.push(`changes of ${veteran().pid}`),
      onAudit: () => said.push(`audit of ${veteran().pid}`),
      onLine: (text) => said.push(text),
    }),
    onCome: ({ pid }, { holdings }) => said.push(`${pid} comes with ${holdings.length}`),
    onGone: ({ pid }) => said.push(`${pid} goes`),
  });
  return { veterans, lines, said };
}

const helloOf = (pid: number, parts: Partial<Hello> = {}): Report => ({
  kind: 'hello',
  hello: { version: MEETING_VERSION, pid, instance: 'a', leavingMs: 0, holdings: [], ...parts },
});

t.test('Veterans takes over who says hello, and hears what it says then', async (t) => {
  const { veterans, said } = start();
  const one = line();
  const arrival = veterans.arrive(one);
  t.same(veterans.all, []);
  arrival.hear(helloOf(7));
  const [veteran] = veterans.all;
  arrival.hear({ kind: 'peer', report: {} as never });
  arrival.hear({ kind: 'limits', asks: [] });
  arrival.hear({ kind: 'audit', batch: { bodies: [], lost: 0 } });
  arrival.hear({ kind: 'lines', text: 'one\ntwo\n' });
  arrival.hear(helloOf(7));
  t.same(said, ['7 comes with 0', 'peer of 7', 'asks of 7', 'audit of 7', 'one', 'two']);
  const scraped = veteran?.refreshMetrics();
  arrival.hear({ kind: 'metrics', snapshot: [{ name: 'a' }] as never });
  arrival.hear({ kind: 'answer', id: 1, fault: undefined });
  await scraped;
  t.same(veteran?.metrics, [{ name: 'a' }]);
  const reopened = veteran?.reopenLogs();
  arrival.hear({ kind: 'answer', id: 2, fault: { message: 'no', code: undefined, exitCode: undefined } });
  await reopened;
  const left = veteran?.leave();
  arrival.closed();
  await left;
  t.equal(said.at(-1), '7 goes');
  t.same(veterans.all, []);
  veteran?.tell({ kind: 'end' });
  await veteran?.part({ kind: 'audit', news: { written: 0, isFailing: false } });
  t.equal(one.isOpen, false);
  await veteran?.reopenLogs();
  t.same(
    one.sent.map(({ kind }) => kind),
    ['request', 'request', 'request', 'end', 'audit', 'request'],
  );
});

t.test('Veterans does not take over who is of another version, or says something else first', async (t) => {
  const { veterans, said, lines } = start();
  for (const report of [helloOf(7, { version: 2 }), { kind: 'limits', asks: [] }] as const) {
    const one = line();
    const arrival = veterans.arrive(one);
    arrival.hear(report);
    arrival.closed();
    t.equal(one.isOpen, false);
  }
  t.same(veterans.all, []);
  t.same(said, []);
  t.match(lines, [{ worker: 7, version: 2 }], 'which is said seldom');
});

// Attacks: bounded.
t.test('Veterans ends the eldest where too many generations have some left', async (t) => {
  const { veterans, lines } = start();
  const arrive = (instance: string, leavingMs: number) => {
    const one = line();
    veterans.arrive(one).hear(helloOf(leavingMs, { instance, leavingMs }));
    return one;
  };
  const eldest = [arrive('eldest', 9000), arrive('eldest', 9001)];
  const others = Array.from({ length: MAX_GENERATIONS - 1 }, (_, index) => arrive(`g${index}`, 1000 + index));
  t.same(
    [...eldest, ...others].flatMap(({ sent }) => sent),
    [],
  );
  arrive('new', 10);
  for (const { sent } of eldest) t.same(sent, [{ kind: 'end' }]);
  t.same(
    others.flatMap(({ sent }) => sent),
    [],
  );
  t.ok(lines.some((one) => JSON.stringify(one).includes('Too many generations')));
});
