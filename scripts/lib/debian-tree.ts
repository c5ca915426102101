/**
 * What is in the Debian package and where: one table of files, and the units as they are in vm/. Writes
 * nothing; scripts/build-deb.ts does.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A file of the package: its text, or where it is copied from. */
export interface Shipped {
  readonly path: string;
  readonly content: string | Uint8Array | { readonly from: string };
  readonly isProgram?: boolean;
}

/** What is made in a build. */
export interface Made {
  readonly manPage: string;
  readonly changelog: string;
  readonly copyright: string;
}

const ROOT = join(import.meta.dirname, '../..');
const DOC = 'usr/share/doc/weir';
/** What of vm/ is installed where. All that has such a name is, and nothing else. */
const FROM_VM: readonly (readonly [name: RegExp, path: string])[] = [
  [/^weir.*\.(?:service|socket|timer|path|slice|target)$/, 'lib/systemd/system/$&'],
  [/^logrotate$/, 'etc/logrotate.d/weir'],
  [/^(.*\.timer)\.conf$/, 'lib/systemd/system/$1.d/weir.conf'],
];

/** All but DEBIAN/, in order. */
export function shippedFiles({ manPage, changelog, copyright }: Made): readonly Shipped[] {
  return [
    { path: 'etc/weir/weir.yaml', content: { from: inRoot('vm/debian/weir.yaml') } },
    ...filesOfVm(),
    { path: 'usr/bin/weir', content: { from: inRoot('dist/weir') }, isProgram: true },
    { path: `${DOC}/changelog.Debian.gz`, content: packed(changelog) },
    { path: `${DOC}/changelog.gz`, content: packed(readFileSync(inRoot('CHANGELOG.md'))) },
    { path: `${DOC}/copyright`, content: copyright },
    ...readdirSync(inRoot('examples')).map((name) => ({
      path: `${DOC}/examples/${name}`,
      content: { from: inRoot(`examples/${name}`) },
    })),
    { path: `${DOC}/sbom.cdx.json`, content: { from: inRoot('dist/sbom.cdx.json') } },
    { path: 'usr/share/lintian/overrides/weir', content: { from: inRoot('vm/debian/lintian-overrides') } },
    { path: 'usr/share/man/man1/weir.1.gz', content: packed(manPage) },
  ].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Names of all units, sockets before the services that they start. */
export function unitNames(): readonly string[] {
  const names = unitFiles().map(({ path }) => nameOf(path));
  return names.toSorted((a, b) => Number(b.endsWith('.socket')) - Number(a.endsWith('.socket')));
}

/** Services that are enabled and started: those that say for what they are wanted. A socket would open what the configuration does not. */
export function enabledServices(): readonly string[] {
  const isEnabled = ({ path, content }: Text): boolean =>
    /\/[^@]*\.service$/.test(path) && /^\[Install\]$/m.test(content);
  return unitFiles()
    .filter(isEnabled)
    .map(({ path }) => nameOf(path));
}

interface Text extends Shipped {
  readonly content: string;
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Not what is added to the units of others. */
const unitFiles = (): readonly Text[] =>
  filesOfVm().filter(({ path }) => /^lib\/systemd\/system\/[^/]+$/.test(path));

/** @throws {Error} where one needs what is in no package */
function filesOfVm(): readonly Text[] {
  return readdirSync(inRoot('vm')).flatMap((name) => {
    const place = FROM_VM.find(([pattern]) => pattern.test(name));
    return place === undefined ? [] : [{ path: name.replace(...place), content: textOf(name) }];
  });
}

function textOf(name: string): string {
  const text = readFileSync(inRoot(`vm/${name}`), 'utf8');
  const foreign = /^[^#\n]*\/(?:usr\/local|opt)\/\S*/m.exec(text)?.[0];
  if (foreign === undefined) return text;
  throw new Error(`vm/${name} names what the package does not have: "${foreign}"`);
}

const inRoot = (path: string): string => join(ROOT, path);

/** Without name and time, so that the same text gives the same bytes. */
const packed = (text: string | Uint8Array): Uint8Array => gzipSync(text, { level: 9 });
