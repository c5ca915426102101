/** Certificates that have expired or soon will: nobody who checks them takes them then. */
import { nearEnds } from '#config/certificate-ends.ts';
import type { Config } from '#config/config.ts';
import { instantText } from '#match/instant.ts';
import type { Remark } from './finding.ts';

/** Remarks about certificates, in their order. */
export function lintCertificates({ certificates }: Pick<Config, 'certificates'>, nowMs: number): Remark[] {
  return nearEnds(certificates, nowMs).map(({ use, path, untilMs, isOver }) => {
    return {
      code: isOver ? 'expired-certificate' : 'certificate-ends-soon',
      path,
      message: `The certificate for ${use} ${isOver ? 'expired' : 'expires'} at ${instantText(untilMs)}`,
      fix: 'Put a new one in the file, which is taken up without a restart',
    };
  });
}
