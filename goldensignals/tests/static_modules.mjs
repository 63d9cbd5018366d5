/** In the browser all floors' scripts lie below /static/; on disk each floor has its own. Node is told so here. */
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const house = new URL('../../', import.meta.url);

registerHooks({
  resolve(specifier, context, next) {
    const [, floor, path] = /^\.\.\/\.\.\/(marketdata|options|signals)\/(.+)$/.exec(specifier) ?? [];
    const served = floor && new URL(`${floor}/static/${floor}/${path}`, house);
    return served && existsSync(fileURLToPath(served)) ? next(served.href, context) : next(specifier, context);
  },
});
