import t from 'tap';
import { SentSockets } from '#supervisor/sent-sockets.ts';

t.test('SentSockets gives each socket once, and closes those that nobody takes', async (t) => {
  const closed: number[] = [];
  const socket = (fd: number) => ({ fd, close: () => void closed.push(fd) });
  const sockets = new SentSockets();
  sockets.put('a', socket(1));
  sockets.put('b', socket(2));
  t.equal(sockets.take('a').fd, 1);
  t.throws(() => sockets.take('a'), /sent no socket for a/);
  sockets.close();
  sockets.close();
  t.same(closed, [2]);
});
