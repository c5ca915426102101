/** Makes a way of one program that is installed, which listens on a port of ours and writes into a folder of its own. */

import { freePort } from '../../scripts/lib/ports.ts';
import { toolPath } from '../../scripts/lib/tool-path.ts';
import { untilReachable } from '../harness/ports.ts';
import { Program } from '../harness/program.ts';
import { ownWay } from './own-way.ts';
import { HOST, type Way } from './subject.ts';
import { ownFolder } from './tools.ts';

/** `configure` writes into `folder` what the program `name` needs, and gives its arguments. */
export function programWay(
  name: string,
  configure: (folder: string, port: number) => readonly string[],
): Promise<Way> {
  return ownWay(HOST, async (owner) => {
    const [folder, port] = [ownFolder(owner), await freePort()];
    const command = [toolPath(name) ?? name, ...configure(folder, port)] as const;
    const program = owner.use(await Program.spawn(command, folder));
    await untilReachable(port, program);
    return [{ pid: program.pid, port }];
  });
}
