/** deploy/rollback version where machines keep two builds of one version: by version and build, and never to what was taken back. */
import t from 'tap';
import { rollbackMain } from '../../deploy/lib/rollback-main.ts';
import { sumOf } from '../fixtures/deploy/machine-room.ts';
import { twice } from '../fixtures/deploy/twice.ts';

t.test(
  'the first build of a version that was built twice, then the version before, then by its SHA-256',
  async (t) => {
    const site = await twice(t);
    const first = sumOf('first build of 0.2.0-1');
    for (const server of site.room.servers.values()) {
      const [before, second] = server.packages;
      const named = { name: `build-${first.slice(0, 8)}-of-0.2.0-1`, version: '0.2.0-1', sum: first };
      server.packages = [before, named, second].filter((one) => one !== undefined);
    }
    const back = async (...to: readonly string[]): Promise<unknown> => {
      const ran = await site.run(rollbackMain, ['version', '--tier', '2', ...to]);
      t.equal(ran.status, 0, ran.err.join('\n'));
      const facts = Object.keys(site.state().facts).filter((name) => name.startsWith('taken-back.package.'));
      return [
        [...site.room.servers.values()].map(({ build }) => build),
        facts.map((name) => name.slice('taken-back.package.'.length)).toSorted(),
      ];
    };
    const second = site.room.server('int-proxy-a').build;
    const [oldest, both] = [sumOf('0.1.0-1'), [first, second].toSorted()];
    t.same(await back(), [[first, first], [second]]);
    t.same(await back(), [[oldest, oldest], both]);
    t.match(await site.run(rollbackMain, ['version', '--tier', '2']), { status: 70 });
    t.same(await back('--to', second.slice(0, 12)), [[second, second], [first, oldest].toSorted()]);
  },
);
