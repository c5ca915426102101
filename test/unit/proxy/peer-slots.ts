import t from 'tap';
import { BorrowingStore } from '#limit/borrowing-store.ts';
import { Lender } from '#limit/lender.ts';
import { MemoryStore } from '#limit/memory-store.ts';
import { peerSlots } from '#proxy/peer-slots.ts';
import { peerOptions } from '../../fixtures/peer.ts';

t.test('peerSlots() counts nothing where the peer takes any number', async (t) => {
  t.equal(peerSlots(peerOptions('vm-a', 1), new MemoryStore()), undefined);
});

t.test('peerSlots() counts at once in one process', async (t) => {
  const slots = peerSlots(peerOptions('vm-a', 1, { maxTunnels: 2 }), new MemoryStore());
  t.same([slots?.take(), slots?.take(), slots?.take()], [true, true, false]);
  slots?.giveBack();
  t.equal(slots?.take(), true);
});

t.test('peerSlots() counts for all workers of a host', async (t) => {
  const lender = new Lender<string>();
  const worker = (name: string): BorrowingStore => {
    const store: BorrowingStore = new BorrowingStore((asks) => store.receive(lender.answer(name, asks, 2)));
    t.teardown(() => store.returnUnused());
    return store;
  };
  const options = peerOptions('vm-a', 1, { maxTunnels: 3 });
  const [one, two] = [peerSlots(options, worker('one')), peerSlots(options, worker('two'))];
  t.same(
    [await one?.take(), await two?.take(), await one?.take(), await two?.take(), await one?.take()],
    [true, true, true, false, false],
  );
  two?.giveBack();
  t.equal(await one?.take(), true);
});
