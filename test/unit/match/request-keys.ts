import t from 'tap';
import { parseDomainPattern } from '#match/domains.ts';
import { parsePattern } from '#match/patterns.ts';
import { parsePortRange } from '#match/ports.ts';
import { compileRequestKeys } from '#match/request-keys.ts';
import { networks } from '../../fixtures/subject.ts';

t.test('compileRequestKeys() makes a matcher for each key that is there', async (t) => {
  t.same(compileRequestKeys({}), []);
  t.same(
    compileRequestKeys({ time: undefined, methods: ['GET'] }).map(({ key }) => key),
    ['methods'],
  );
  const all = compileRequestKeys({
    dst: networks('10.0.0.0/8'),
    dstDomains: [parseDomainPattern('x.com')],
    dstDomainRegex: [parsePattern('x')],
    urlRegex: [parsePattern('x')],
    ports: [parsePortRange(443)],
    methods: ['GET'],
    schemes: ['http'],
    headers: { 'x-a': { present: true } },
    sni: [parseDomainPattern('x.com')],
    time: { days: 1 },
  });
  t.same(
    all.map(({ key }) => key),
    [
      ...['methods', 'schemes', 'ports', 'time', 'dstDomains', 'sni', 'headers', 'dstDomainRegex'],
      ...['urlRegex', 'dst'],
    ],
  );
});
