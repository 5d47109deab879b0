// Preload (node --import): lets the conformance suite run on node 20, which lacks fs.globSync. The suite
// imports it for commands that we do not use, so a stand-in that throws is enough.
import { register } from 'node:module';

const asModule = (source) => `data:text/javascript,${encodeURIComponent(source)}`;

const fsWithGlob = asModule(`
  export * from 'node:fs';
  export { default } from 'node:fs';
  export function globSync() { throw new Error('globSync needs node 22'); }
`);

register(
  asModule(`
    export async function resolve(specifier, context, next) {
      if (specifier === 'fs' && context.parentURL?.includes('/conformance')) {
        return { url: ${JSON.stringify(fsWithGlob)}, shortCircuit: true, format: 'module' };
      }
      return next(specifier, context);
    }
  `),
);
