import t from 'tap';
import { checkHop } from '#config/crosscheck-hop.ts';
import { outline, told } from '../../fixtures/config.ts';

const TABLE: Readonly<Record<string, readonly [yaml: string, ...flaws: string[]]>> = {
  'nothing in an empty file': [''],
  'nothing where only trust is said': ['hop: { trust: { from: [a] } }'],
  'nothing where all is there': [
    'hop: { trust: { from: [a], keyFiles: [k], audience: ["a:1"], replayDirectory: r } }',
  ],
  'keys without an audience': [
    'hop: { trust: { keyFiles: [k] } }',
    'hop.trust.keyFiles (key): Key "keyFiles" does nothing without "audience". Add for example audience: ["int-proxy-a.aibang.com:3128"]',
  ],
  'an audience without keys': [
    'hop: { trust: { audience: ["a:1"] } }',
    'hop.trust.audience (key): Key "audience" does nothing without "keyFiles". Add for example keyFiles: [hop.key]',
  ],
  'a directory for nothing': [
    'hop: { trust: { from: [a], replayDirectory: r } }',
    'hop.trust.replayDirectory (key): Key "replayDirectory" does nothing without "keyFiles". Remove it, or add keyFiles and audience',
  ],
};

for (const [what, [yaml, ...flaws]] of Object.entries(TABLE)) {
  t.test(`checkHop() reports ${what}`, async (t) => {
    t.same(told(checkHop(outline(yaml))), flaws);
  });
}
