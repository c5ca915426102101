/** deploy/lib/attempt.ts: what the system refuses is said with what to do about it, by what was tried. */
import t from 'tap';
import { attempt } from '../../deploy/lib/attempt.ts';

const FILE = '/srv/prod.state.json';

for (const [verb, code, cure] of [
  ['read', 'EACCES', `be somebody who may read ${FILE}, or name another file`],
  ['write', 'EROFS', 'be somebody who may write in /srv, or name another file'],
  ['read', 'EIO', 'see whether its disk works'],
  ['write', 'ENOSPC', 'see how much room /srv has, and whether its disk works'],
] as const)
  t.test(`${code} where one would ${verb}`, (t) => {
    const refuse = (): never => {
      throw Object.assign(new Error(code), { code });
    };
    t.throws(() => attempt(verb, FILE, refuse), { message: `Cannot ${verb} ${FILE}: ${code}`, cure });
    t.end();
  });
