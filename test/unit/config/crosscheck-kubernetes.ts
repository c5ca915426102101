import t from 'tap';
import { checkKubernetes } from '#config/crosscheck-kubernetes.ts';
import { outline, told } from '../../fixtures/config.ts';

t.test('checkKubernetes() reports what does nothing', async (t) => {
  t.same(told(checkKubernetes(outline(''))), []);
  t.same(told(checkKubernetes(outline('kubernetes: { identity: true, whenStale: keep }'))), []);
  t.same(told(checkKubernetes(outline('kubernetes: { identity: false }'))), []);
  t.same(told(checkKubernetes(outline('kubernetes: { identity: false, whenStale: keep, caFile: c }'))), [
    'kubernetes.whenStale (key): Key "whenStale" does nothing without "identity: true". Remove it, or add identity: true',
    'kubernetes.caFile (key): Key "caFile" does nothing without "identity: true". Remove it, or add identity: true',
  ]);
});
