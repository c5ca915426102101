/**
 * `npm run monitoring`: writes what Prometheus, its operators and Grafana read under k8s/, from the tables in scripts/monitoring/. What
 * is written is checked in, and test/homes/monitoring.ts fails where the two differ.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { monitoringFiles } from './monitoring/files.ts';

const ROOT = join(import.meta.dirname, '..');

for (const [path, text] of Object.entries(monitoringFiles())) {
  const file = join(ROOT, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(path);
}
