/**
 * What is there to ship the access log: files that parse, and that name fields which records have, with their types. No Filebeat,
 * no Vector and no Elasticsearch runs here: whether they take these files is not shown.
 */
import { readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { renderEcs } from '#record/render-ecs.ts';
import { ECS } from '../fixtures/ecs.ts';
import { fullRecord } from '../fixtures/records.ts';

const ROOT = join(import.meta.dirname, '../..');
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const RECORD: Readonly<Record<string, unknown>> = {
  ...JSON.parse(renderEcs(fullRecord())),
  ...JSON.parse(renderEcs(fullRecord({ peer: undefined }))),
};

const template = JSON.parse(textOf('vm/shipping/index-template.json'));
const mapped: Readonly<Record<string, { type: string }>> = template.template.mappings.properties;
const filebeat = parse(textOf('vm/shipping/filebeat.yml'));

t.test('the index template maps every field of a record, and no other', async (t) => {
  t.same(Object.keys(mapped), Object.keys(RECORD).sort());
});

t.test('the index template has the types of the schema, and for our own fields types that fit', async (t) => {
  for (const [field, value] of Object.entries(RECORD)) {
    const [one] = [value].flat();
    const own = field === 'weir.peer_ip' ? 'ip' : typeof one === 'number' ? 'double' : 'keyword';
    t.equal(mapped[field]?.type, field.startsWith('weir.') ? own : ECS.fields[field], field);
  }
});

t.test('Filebeat makes the id of a document of what tells records apart', async (t) => {
  for (const file of ['vm/shipping/filebeat.yml', 'k8s/shipping/filebeat.yml']) {
    const { processors, 'output.elasticsearch': output, ...rest } = parse(textOf(file));
    const [drop, fingerprint] = processors;
    const [[field, value]] = Object.entries(drop.drop_event.when.not.equals) as [[string, string]];
    t.equal(RECORD[field], value, 'what is kept');
    t.strictSame(fingerprint, { fingerprint: { fields: ['event.id'], target_field: '@metadata._id' } });
    t.ok('event.id' in RECORD);
    t.equal(output.index.replace(/%\{.*\}/, '*'), template.index_patterns[0]);
    t.equal(rest['setup.template.enabled'], false, 'the template is ours');
  }
});

t.test('Filebeat does the same with the lines of both tiers', async (t) => {
  const { 'filebeat.inputs': ours, ...vm } = filebeat;
  const { 'filebeat.inputs': theirs, ...pods } = parse(textOf('k8s/shipping/filebeat.yml'));
  t.strictSame(pods, vm);
  const parserOf = (inputs: { parsers: { ndjson?: object }[] }[]): unknown =>
    inputs.flatMap(({ parsers }) => parsers).find(({ ndjson }) => ndjson !== undefined);
  t.strictSame(parserOf(theirs), parserOf(ours));
  t.match(parserOf(ours), { ndjson: { target: '', expand_keys: true, overwrite_keys: true } });
});

t.test('Filebeat reads the file that the configuration of tier 2 names', async (t) => {
  const { log } = parse(textOf('examples/t2.yaml'));
  t.ok(filebeat['filebeat.inputs'][0].paths.includes(log.access.path));
});

t.test('Filebeat and Vector read on what logrotate has renamed, and nothing that is packed', async (t) => {
  const { log } = parse(textOf('examples/t2.yaml'));
  const [, format = ''] = /^ *dateformat (\S+)$/m.exec(textOf('vm/logrotate')) ?? [];
  const renamed = log.access.path + format.replace('%Y%m%d', '20261123').replace('%s', '1795399201');
  t.match(renamed, /^\/var\/log\/weir\/access\.log-20261123-1795399201$/);
  const [input] = filebeat['filebeat.inputs'];
  const { include, exclude } = parse(textOf('vm/shipping/vector.yaml')).sources.weir_access;
  const isRead = {
    filebeat: (file: string) =>
      input.paths.some((glob: string) => matchesGlob(file, glob)) &&
      !input['prospector.scanner.exclude_files'].some((pattern: string) => new RegExp(pattern).test(file)),
    vector: (file: string) =>
      include.some((glob: string) => matchesGlob(file, glob)) &&
      !exclude.some((glob: string) => matchesGlob(file, glob)),
  };
  for (const [agent, reads] of Object.entries(isRead)) {
    t.ok(reads(log.access.path), `${agent}: what is written`);
    t.ok(reads(renamed), `${agent}: what is renamed`);
    t.notOk(reads(`${renamed}.gz`), `${agent}: what is packed`);
  }
});

t.test('Vector asks for fields that records have, and writes to the same index', async (t) => {
  const { sources, transforms, sinks } = parse(textOf('vm/shipping/vector.yaml'));
  const { source, inputs } = transforms.weir_record;
  t.same(inputs, Object.keys(sources));
  t.same(sinks.elasticsearch.inputs, Object.keys(transforms));
  const asked = [...String(source).matchAll(/\."([^"]+)"/g)].map(([, field = '']) => field);
  t.ok(asked.length > 2);
  for (const field of asked) t.ok(field in RECORD, field);
  t.match(source, new RegExp(`\\.${sinks.elasticsearch.id_key} = .*event\\.id`));
  t.equal(sinks.elasticsearch.bulk.index.replace(/%.*/, '*'), template.index_patterns[0]);
  t.strictSame(sources.weir_access.include, filebeat['filebeat.inputs'][0].paths);
});

t.test('the data view is of these indices, and formats fields that there are', async (t) => {
  const lines = textOf('vm/shipping/data-view.ndjson').trimEnd().split('\n');
  t.equal(lines.length, 1);
  const { attributes } = JSON.parse(lines[0] as string);
  t.same([attributes.title], template.index_patterns);
  t.equal(mapped[attributes.timeFieldName]?.type, 'date');
  for (const field of Object.keys(JSON.parse(attributes.fieldFormatMap)))
    t.equal(mapped[field]?.type, 'long', field);
});
