/** Certificates that have expired or soon will: nobody who checks them takes them then. */
import { nearEnds } from '#config/certificate-ends.ts';
import type { Config } from '#config/config.ts';
import type { Remark } from './finding.ts';

/** Remarks about certificates, in their order. */
export function lintCertificates({ certificates }: Pick<Config, 'certificates'>, nowMs: number): Remark[] {
  return nearEnds(certificates, nowMs).map(({ use, path, untilMs, isOver }) => {
    const when = new Date(untilMs).toISOString().replace('.000Z', 'Z');
    return {
      code: isOver ? 'expired-certificate' : 'certificate-ends-soon',
      path,
      message: `The certificate for ${use} ${isOver ? 'expired' : 'expires'} at ${when}`,
      fix: 'Put a new one in the file, which is taken up without a restart',
    };
  });
}
