/** deploy/lib/state.ts and policies.ts: what is remembered, by one run at a time, whole or not at all. */
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { keepPolicy, keptPolicies } from '../../deploy/lib/policies.ts';
import { State } from '../../deploy/lib/state.ts';
import { folderOf } from '../fixtures/owned.ts';

const RECORD = { at: '2026-11-29T00:00:00.000Z', stamp: 'abc' };

t.test('what is remembered is there for the next run, and for its owner alone', (t) => {
  const file = join(folderOf(t), 'prod.state.json');
  const first = State.open(file, false);
  first.finish('a', RECORD);
  first.finish('b', RECORD);
  first.remember('image.digest', 'sha256:1');
  first.rememberFirst('dns.before', '10.0.0.1');
  first.rememberFirst('dns.before', '10.0.0.2');
  first.forget(['b', 'c']);
  first.close();
  const second = State.open(file, false);
  t.same(second.step('a'), RECORD);
  t.equal(second.step('b'), undefined);
  t.equal(second.recall('image.digest'), 'sha256:1');
  t.equal(second.recall('dns.before'), '10.0.0.1', 'what was first');
  t.same(second.facts('dns.'), ['dns.before']);
  second.remember('dns.before', undefined);
  t.equal(second.recall('dns.before'), undefined);
  second.close();
  t.equal(statSync(file).mode & 0o777, 0o600);
  t.notOk(existsSync(`${file}.lock`));
  t.end();
});

t.test('a dry run remembers for itself, and writes nothing', (t) => {
  const folder = folderOf(t);
  const state = State.open(join(folder, 'prod.state.json'), true);
  state.finish('a', RECORD);
  state.remember('fact', 'value');
  t.same(state.step('a'), RECORD);
  state.close();
  t.same(readdirSync(folder), []);
  t.end();
});

t.test('two runs do not have it at once; what a dead one left is taken over', (t) => {
  const file = join(folderOf(t), 'prod.state.json');
  const other = (holder: string): void => writeFileSync(`${file}.lock`, `${holder}\n`);
  other(`${process.ppid} ${hostname()}`);
  t.throws(() => State.open(file, false), {
    message: /Another run has .*process \d+/,
    cure: new RegExp(`, or end it: kill ${process.ppid}; .*rm .*\\.lock$`),
  });
  other('1 elsewhere');
  t.throws(
    () => State.open(file, false),
    { message: /process 1 on elsewhere/ },
    'nobody knows of another machine',
  );
  other(`4194304 ${hostname()}`);
  State.open(file, false).close();
  t.notOk(existsSync(`${file}.lock`));
  t.end();
});

t.test('a file that is none, and a folder that cannot be written, are said, and leave no lock', (t) => {
  const file = join(folderOf(t), 'prod.state.json');
  for (const text of ['', '{', '[]', '{"version":2,"steps":{},"facts":{}}', '{"version":1}']) {
    writeFileSync(file, text);
    t.throws(() => State.open(file, false), { message: /no state of a deployment/, exitCode: 78 }, text);
    t.notOk(existsSync(`${file}.lock`));
  }
  const nowhere = join(folderOf(t), 'none');
  for (const isDry of [false, true]) {
    t.throws(() => State.open(join(file, 'x'), isDry), {
      message: `The state cannot be in ${file}/x: ${file} is no folder`,
      exitCode: 66,
    });
    t.throws(() => State.open(join(nowhere, 'x'), isDry), {
      message: `The state cannot be in ${nowhere}/x: ${nowhere} is not there`,
      cure: `correct --state; where it is to begin there: mkdir -p ${nowhere}`,
      exitCode: 66,
    });
  }
  t.throws(() => State.open(folderOf(t), false), {
    message: /^Cannot read .*EISDIR/,
    cure: /name a file in it/,
  });
  t.end();
});

t.test('what was there stays where writing fails', (t) => {
  const folder = folderOf(t);
  const file = join(folder, 'prod.state.json');
  const state = State.open(file, false);
  state.finish('a', RECORD);
  const before = readFileSync(file, 'utf8');
  writeFileSync(`${file}.new`, '');
  chmodSync(`${file}.new`, 0o400);
  // Root may write it all the same: then it is whole.
  try {
    state.finish('b', RECORD);
  } catch {
    t.equal(readFileSync(file, 'utf8'), before);
  }
  t.doesNotThrow(() => JSON.parse(readFileSync(file, 'utf8')));
  writeFileSync(`${file}.new`, '');
  chmodSync(`${file}.new`, 0o644);
  state.finish('c', RECORD);
  t.equal(statSync(file).mode & 0o777, 0o600, 'not as open as what was left of it');
  state.close();
  t.end();
});

t.test('what else is kept has a folder of its own, whatever the state is called', (t) => {
  const folder = folderOf(t);
  for (const [name, wanted] of [
    ['prod.state.json', 'prod.work'],
    ['prod.json', 'prod.json.work'],
  ] as const)
    t.equal(State.open(join(folder, name), true).beside('work'), join(folder, wanted));
  t.end();
});

t.test('the last ten policies are kept, each once', (t) => {
  const state = State.open(join(folderOf(t), 'prod.state.json'), false);
  t.same(keptPolicies(state), []);
  for (let number = 1; number <= 12; number += 1) {
    keepPolicy(state, { 'weir.yaml': `name: t${number}\n` });
    keepPolicy(state, { 'weir.yaml': `name: t${number}\n` });
  }
  const kept = keptPolicies(state);
  t.equal(kept.length, 10);
  t.match(kept[0]?.name, /^000012-[0-9a-f]{8}$/);
  t.match(kept.at(-1)?.name, /^000003-/);
  t.equal(readFileSync(kept[0]?.file ?? '', 'utf8'), 'name: t12\n');
  t.equal(statSync(kept[0]?.file ?? '').mode & 0o777, 0o600);
  state.close();
  t.end();
});
