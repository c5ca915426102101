import t from 'tap';
import { ProxyError } from '#errors.ts';
import { Abort } from '#net/abort.ts';

const GONE = new ProxyError('client_gone');

t.test('Abort tells its listener once, and keeps the first reason', async (t) => {
  const abort = new Abort();
  const heard: ProxyError[] = [];
  abort.listen((reason) => heard.push(reason));
  abort.abort(GONE);
  abort.abort(new ProxyError('drain_timeout'));
  t.equal(abort.reason, GONE);
  t.equal(heard.length, 1);
  t.equal(heard[0], GONE);
});

t.test('Abort tells only the latest listener', async (t) => {
  const abort = new Abort();
  abort.listen(() => t.fail('was replaced'));
  let heard = 0;
  abort.listen(() => {
    heard += 1;
  });
  abort.abort(GONE);
  t.equal(heard, 1);
});

t.test('Abort without a listener keeps the reason for who listens later', async (t) => {
  const abort = new Abort();
  abort.listen(() => t.fail('was removed'));
  abort.listen(undefined);
  abort.abort(GONE);
  const heard: ProxyError[] = [];
  abort.listen((reason) => heard.push(reason));
  t.equal(heard[0], GONE);
  abort.listen(undefined);
  t.equal(heard.length, 1);
});

t.test('check() throws the reason, where there is one', async (t) => {
  const abort = new Abort();
  t.doesNotThrow(() => abort.check());
  abort.abort(GONE);
  t.throws(() => abort.check(), GONE);
});

t.test('race() gives what the work comes to, and listens no more', async (t) => {
  const abort = new Abort();
  t.equal(await abort.race(Promise.resolve('done')), 'done');
  await t.rejects(abort.race(Promise.reject(new Error('broken'))), { message: 'broken' });
  abort.abort(GONE);
  t.equal(abort.reason, GONE);
});

t.test('race() ends with the abort, and nobody misses a fault of the work after that', async (t) => {
  const abort = new Abort();
  const work = Promise.withResolvers<string>();
  const raced = abort.race(work.promise);
  abort.abort(GONE);
  await t.rejects(raced, GONE);
  work.reject(new Error('too late'));
  await t.rejects(abort.race(new Promise(() => {})), GONE);
});
