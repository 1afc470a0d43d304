/** Where the module of a thread is. */

/**
 * The module that a thread runs: of one of the sources (`src/….ts`) its compiled form, because Node
 * 20 cannot run TypeScript in a thread.
 */
export function compiledModule(module: URL): URL {
  return new URL(module.href.replace(/\/src\/(.*)\.ts$/, '/dist/$1.js'));
}

/** The module of this name beside another one of this package, as source, compiled or bundled. */
export function moduleBeside(name: string, url: string): URL {
  return new URL(`./${name}${url.endsWith('.ts') ? '.ts' : '.js'}`, url);
}
