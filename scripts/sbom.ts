/**
 * Prints what the product is made of, as CycloneDX: its production packages from the lock file, and with --with-node the Node that runs
 * this, which the single executable has in it. What changes from one call to the next, the time and a random number, is left out, so
 * that the same lock file gives the same text.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import packageJson from '../package.json' with { type: 'json' };

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly scope?: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

interface Bom {
  readonly serialNumber?: string;
  readonly metadata: { readonly timestamp?: string; readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** How npm marks what is not of the product. Its own --omit also leaves out what both need. */
const MARKS = ['cdx:npm:package:development', 'cdx:npm:package:extraneous'];

function production({ serialNumber: _, ...bom }: Bom): Bom {
  const { timestamp: __, ...metadata } = bom.metadata;
  const components = bom.components.filter(
    ({ scope, properties = [] }) =>
      scope !== 'optional' && !properties.some(({ name, value }) => MARKS.includes(name) && value === 'true'),
  );
  // npm takes the folder's.
  const component = { ...metadata.component, name: packageJson.name };
  const kept = new Set([component, ...components].map((each) => each['bom-ref']));
  const dependencies = bom.dependencies
    .filter(({ ref }) => kept.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => kept.has(other)) }));
  return { ...bom, metadata: { ...metadata, component }, components, dependencies };
}

function withNode(bom: Bom): Bom {
  const { node: version } = process.versions;
  const node = {
    'bom-ref': `node@${version}`,
    type: 'platform',
    name: 'node',
    version,
    purl: `pkg:generic/node@${version}`,
  };
  return { ...bom, components: [node, ...bom.components] };
}

const { status, stdout } = spawnSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], {
  encoding: 'utf8',
  maxBuffer: 2 ** 28,
  stdio: ['ignore', 'pipe', 'inherit'],
});
if (status === 0) {
  const bom = production(JSON.parse(stdout) as Bom);
  console.log(JSON.stringify(process.argv.includes('--with-node') ? withNode(bom) : bom, null, 2));
} else {
  console.error('Cannot list the packages: npm sbom failed, as said above');
  process.exitCode = 1;
}
