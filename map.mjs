// Coverage map for node-tap: a unit test covers exactly the source file it mirrors, every other test covers nothing. So a
// flow test that happens to run a line never counts as having tested it.
import { existsSync } from 'node:fs';

const UNIT = 'test/unit/';

/** @param {string} test path of a test file, relative to the project */
export default function coverageMap(test) {
  if (!test.startsWith(UNIT)) return null;
  const source = `src/${test.slice(UNIT.length)}`;
  return existsSync(source) ? source : null;
}
