/**
 * Packages that take long to run and that a start needs for nothing run when they are first used: undici, which is for requests with a
 * body and the watch of pods, and brings HTTP/2 and more with it; string-width, which compiles all there is of emoji to tell the width
 * of an English word. For the bundle alone; what they do stays as it is.
 */
import type { OnResolveArgs, Plugin, PluginBuild } from 'esbuild';

/** By package: a module with the same exports as far as the bundle uses them, where `real()` runs the package itself. */
const STAND_INS: Readonly<Record<string, string>> = {
  undici: `
    export const Client = new Proxy(class {}, { construct: (_, parts) => new (real().Client)(...parts) });
    export const errors = { get HTTPParserError() { return real().errors.HTTPParserError; } };`,
  'string-width': `
    const PRINTABLE = /^[\\x20-\\x7e]*$/;
    export default (text, options) => PRINTABLE.test(text) ? text.length : real().default(text, options);`,
};

const NAMESPACE = 'late';

export const latePackages: Plugin = {
  name: 'late-packages',
  setup(build) {
    const filter = new RegExp(`^(?:${Object.keys(STAND_INS).join('|')})$`);
    build.onResolve({ filter }, (asked) => resolve(build, asked));
    build.onLoad({ filter: /./, namespace: NAMESPACE }, ({ path, pluginData }) => {
      const { name, resolveDir } = pluginData as { name: string; resolveDir: string };
      const real = `const real = () => require(${JSON.stringify(path)});`;
      return { contents: `${real}${STAND_INS[name]}`, resolveDir };
    });
  },
};

/** To the stand-in of a package, of which there may be several versions; that itself asks by a path. */
async function resolve(build: PluginBuild, { path: name, kind, resolveDir, pluginData }: OnResolveArgs) {
  if (pluginData === NAMESPACE) return undefined;
  const found = await build.resolve(name, { kind, resolveDir, pluginData: NAMESPACE });
  return { ...found, namespace: NAMESPACE, pluginData: { name, resolveDir } };
}
