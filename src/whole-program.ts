/**
 * The bundled program as V8 takes it, in the single executable and where the executable is built: what V8 keeps of a text counts only
 * for the same text, compiled in the same way.
 */
import process from 'node:process';
import { Script } from 'node:vm';

/** Of scripts/lib/bundle.ts: takes what stands for `require`. */
type Program = (require: (name: string) => object) => void;

/** `cachedData` saves compiling what is in it; V8 passes over what another Node or other options of Node have made. */
export function compileProgram(text: string, cachedData?: Buffer): Script {
  return new Script(
    text,
    cachedData === undefined ? { filename: 'weir.js' } : { filename: 'weir.js', cachedData },
  );
}

/** Begins it, as src/main.ts does. It has all packages in it, so that it finds modules of Node and nothing on the disk. */
export function runProgram(script: Script): void {
  (script.runInThisContext() as Program)(builtIn);
}

/** @throws {Error} there is no such module in Node */
function builtIn(name: string): object {
  const found = process.getBuiltinModule(name);
  if (found === undefined) throw new Error(`Cannot load "${name}": it is no module of Node`);
  return found;
}
