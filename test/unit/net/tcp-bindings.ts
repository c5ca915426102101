import process from 'node:process';
import t from 'tap';
import { streamBinding, tcpBinding } from '#net/tcp-bindings.ts';

t.test(`Node binds TCP connections as we use them, on Node ${process.version}`, async (t) => {
  const { TCP, TCPConnectWrap, constants } = tcpBinding;
  const handle = new TCP(constants.SOCKET);
  t.equal(handle.setNoDelay(true), 0);
  t.equal(handle.writeQueueSize, 0);
  t.ok(handle.connect(new TCPConnectWrap(), 'no address', 9) < 0);
  await new Promise<void>((resolve) => handle.close(resolve));
});

t.test(`Node tells of reads and writes where we look, on Node ${process.version}`, async (t) => {
  const { streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = streamBinding;
  t.type(streamBaseState[kReadBytesOrError], 'number');
  t.type(streamBaseState[kLastWriteWasAsync], 'number');
  t.not(kReadBytesOrError, kLastWriteWasAsync);
});
