import t from 'tap';
import { parseConfig } from '#config/load.ts';
import { HostAddresses } from '#net/own-addresses.ts';
import { warnOfForeignSources } from '#proxy/foreign-sources.ts';
import { Interfaces } from '../../fixtures/interfaces.ts';

/** Fields of what is warned of. */
async function warned(routes: string, addresses?: HostAddresses): Promise<object[]> {
  const fields: object[] = [];
  const head = 'name: t\nlisteners: [{ name: m, address: 127.0.0.1:0 }]\naccess: [{ name: r, allow: [all] }]';
  const config = await parseConfig(`${head}\nroutes: ${routes}`);
  const warn = (one: object): void => {
    fields.push(one);
  };
  warnOfForeignSources(config, { warn } as Parameters<typeof warnOfForeignSources>[1], addresses);
  return fields;
}

t.test('warnOfForeignSources() claims nothing where nobody can tell', async (t) => {
  const nobody = new HostAddresses(new Interfaces().read);
  t.same(await warned('[{ name: a, direct: true, sourceAddress: 198.51.100.7 }]', nobody), []);
});

t.test('warnOfForeignSources() names routes that begin at an address of another host', async (t) => {
  const own = '{ name: b, direct: true, sourceAddress: 127.0.0.9 }, { name: c, direct: true }';
  const found = await warned(`[{ name: a, direct: true, sourceAddress: 198.51.100.7 }, ${own}]`);
  t.same(found, [{ route: 'a', sourceAddress: '198.51.100.7' }]);
  t.same(await warned('[{ name: c, direct: true }]'), []);
});
