/** No supervisor and no worker: one process does it all. */
import type { Config } from '#config/config.ts';
import { auditOf } from './audit-setup.ts';
import { LoneServer } from './lone-server.ts';
import { Service } from './service.ts';
import { type LifeParts, untilStopped } from './until-stopped.ts';

/** Serves until a signal says otherwise. Resolves with the exit code. @throws {Error} as `serve()` */
export async function serveAlone(config: Config, life: LifeParts): Promise<number> {
  const service = new Service(config, { beginAudit: await auditOf(config) });
  const server = new LoneServer(service);
  await server.start(life.signals.stopping);
  const exitCode = await untilStopped(server, life);
  await service.records.close();
  return exitCode;
}
