import t from 'tap';
import { BindFault, bindFault } from '#net/bind-fault.ts';
import { UnsuitableNode } from '#net/bindings.ts';

const TOLD: Readonly<Record<string, RegExp>> = {
  EADDRINUSE:
    /^Cannot bind listener "main": EADDRINUSE at \[::1\]:80\. Another program listens there: .*port$/,
  EACCES: /^Cannot bind listener "main": EACCES at \[::1\]:80\. Ports below 1024 need .*port$/,
  EADDRNOTAVAIL: /^Cannot bind listener "main": EADDRNOTAVAIL at \[::1\]:80\. No interface .*all$/,
  EMFILE: /^Cannot bind listener "main": EMFILE at \[::1\]:80$/,
};

for (const [code, message] of Object.entries(TOLD)) {
  t.test(`bindFault() says who, where and what to do about ${code}`, async (t) => {
    const cause = Object.assign(new Error('listen'), { code });
    t.match(bindFault('listener "main"', { host: '::1', port: 80 }, cause), { message, code, cause });
  });
}

t.test('bindFault() takes the words of an error without code', async (t) => {
  const fault = bindFault('the admin address', { host: '127.0.0.1', port: 80 }, new Error('odd'));
  t.equal(fault.message, 'Cannot bind the admin address: odd at 127.0.0.1:80');
});

t.test('bindFault() does not make an unsuitable Node a matter of the address', async (t) => {
  const cause = new UnsuitableNode('"onconnection" of servers');
  const bound = { host: '127.0.0.1', port: 80 };
  t.equal(bindFault('listener "main"', bound, cause), cause);
  t.type(bindFault('listener "main"', bound, new Error('odd')), BindFault);
});
