/** deploy/deploy where its user is mistaken: what is said then, and with which exit code. */
import t from 'tap';
import { deployMain } from '../../deploy/lib/deploy-main.ts';
import { Site } from '../fixtures/deploy/site.ts';

t.test('the sum of a package that is not there is not said to be right', async (t) => {
  const { err } = await new Site(t, { PACKAGE: 'nowhere.deb' }).run(deployMain);
  const said = err.join('\n');
  t.match(said, /Not so: .*nowhere\.deb is there/);
  t.notMatch(said, /The sum of/);
});

t.test('a step that there is not is 64, of --list too', async (t) => {
  const site = new Site(t);
  for (const more of [
    ['--only', 'nope'],
    ['--until', 'nope', '--list'],
    ['--list', '--json'],
  ])
    t.match(await site.run(deployMain, more), { status: 64 }, more.join(' '));
});
