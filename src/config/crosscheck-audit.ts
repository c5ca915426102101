/** `log`: files that two would write. */
import type { Outline } from './outline.ts';
import type { Flaw } from './problems.ts';

/** Flaws of where logs go. */
export function checkAudit({ logs: { access, audit } }: Outline): Flaw[] {
  if (audit === undefined || audit.name !== access?.name) return [];
  const message = 'The access log goes to the same file, which would break the chain';
  return [{ path: audit.path, at: 'value', message, fix: 'Name another file' }];
}
