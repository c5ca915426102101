import t from 'tap';
import { ProgressBar } from '#cli/progress.ts';

function terminal(isTTY: boolean | undefined) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

t.test('ProgressBar shows how far it is, at most ten times a second', async (t) => {
  const screen = terminal(true);
  let now = 0;
  const bar = new ProgressBar(screen, 200, () => now);
  bar.show(0, 'a');
  bar.show(10, 'b');
  now = 100;
  bar.show(100, 'c');
  now = 200;
  bar.show(300, 'd');
  bar.clear();
  const clear = '\r\u001b[K';
  t.same(screen.written, [
    `${clear}[${' '.repeat(30)}]   0 % a`,
    `${clear}[${'#'.repeat(15)}${' '.repeat(15)}]  50 % c`,
    `${clear}[${'#'.repeat(30)}] 100 % d`,
    clear,
  ]);
});

t.test('ProgressBar shows the word alone where the total is not known', async (t) => {
  const screen = terminal(true);
  new ProgressBar(screen, 0).show(10, '5 lines');
  t.same(screen.written, ['\r\u001b[K5 lines']);
});

t.test('ProgressBar leaves what is no terminal alone', async (t) => {
  const screen = terminal(undefined);
  const bar = new ProgressBar(screen, 10);
  bar.show(1, 'a');
  bar.clear();
  t.same(screen.written, []);
});
