import t from 'tap';
import { checkAudit } from '#config/crosscheck-audit.ts';
import { outline, told } from '../../fixtures/config.ts';

const TABLE: Readonly<Record<string, readonly [yaml: string, ...flaws: string[]]>> = {
  'nothing in an empty file': [''],
  'nothing where each has its own file': ['log: { access: { path: a }, audit: { path: b } }'],
  'nothing of an audit trail alone': ['log: { audit: { path: a } }'],
  'one file for both': [
    'log: { access: { path: a }, audit: { path: a } }',
    'log.audit.path: The access log goes to the same file, which would break the chain. Name another file',
  ],
};

for (const [what, [yaml, ...flaws]] of Object.entries(TABLE)) {
  t.test(`checkAudit() reports ${what}`, async (t) => {
    t.same(told(checkAudit(outline(yaml))), flaws);
  });
}
