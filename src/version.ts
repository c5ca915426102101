/** Which Weir this is: what `weir --version` prints. The build (scripts/build.ts) puts its commit in the place of a name. */
import process from 'node:process';
import packageJson from '../package.json' with { type: 'json' };

declare const WEIR_COMMIT: string | undefined;

/** One line: version, commit and Node. */
export function describeVersion(): string {
  const built = typeof WEIR_COMMIT === 'undefined' ? 'sources' : `commit ${WEIR_COMMIT}`;
  return `${packageJson.version} (${built}, Node ${process.versions.node})`;
}
