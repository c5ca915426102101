import t from 'tap';
import type { CacheReply } from '#cache/question.ts';
import { HostCaches, type Keeper } from '#supervisor/host-caches.ts';

class FakeKeeper implements Keeper {
  readonly pid: number;
  readonly said: unknown[] = [];
  readonly #reply: CacheReply | undefined;

  constructor(pid: number, reply?: CacheReply) {
    this.pid = pid;
    this.#reply = reply;
  }

  async say(order: unknown): Promise<void> {
    this.said.push(order);
  }

  async askCache(): Promise<CacheReply | undefined> {
    return this.#reply;
  }
}

t.test('what one has found changed is told to the others', async (t) => {
  const all = [new FakeKeeper(1), new FakeKeeper(2), new FakeKeeper(3)] as const;
  const caches = new HostCaches(() => all);
  caches.spread(all[1], ['http://a.example/']);
  caches.spread(all[1], 'anything');
  const told = [
    { kind: 'changed', changed: ['http://a.example/'] },
    { kind: 'changed', changed: 'anything' },
  ];
  t.same(
    all.map(({ said }) => said),
    [told, [], told],
  );
});

t.test('a question goes to each, and who does not answer is among those who were asked', async (t) => {
  const caches = new HostCaches(() => [new FakeKeeper(1, { act: 'purge', purged: 2 }), new FakeKeeper(2)]);
  t.same(await caches.ask({ act: 'purge', target: { name: 'a', kind: 'host', urls: [] } }), [
    { pid: 1, reply: { act: 'purge', purged: 2 } },
    { pid: 2, reply: undefined },
  ]);
});
