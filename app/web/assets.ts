/**
 * Everything static, in memory, under names that carry a hash of the content: the files of `public/` and the
 * bundles of `app/browser/`, made when the server starts so that it can never be stale.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build, type Plugin, stop } from 'esbuild';
import { Router } from 'express';
import { Failure } from '../lib/failure.ts';

/**
 * Ends esbuild's process, which would hold as much memory as the server itself; the next `Assets.load` begins another.
 * For whoever knows that no other server is starting in this process.
 */
export { stop as endBundler };

type Asset = { name: string; type: string; bytes: Buffer; encoded: ReadonlyMap<'br' | 'gzip', Buffer> };

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.txt': 'text/plain; charset=utf-8',
};
const compressible: ReadonlySet<string> = new Set(['.css', '.js', '.txt']);

/** Our player draws its icons in CSS: no viewer fetches, or is refused, a web font. */
const withoutFonts: Plugin = {
  name: 'without-fonts',
  setup(esbuild) {
    esbuild.onLoad({ filter: /video-js\.css$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/@font-face\s*\{[^}]*\}/g, ''),
      loader: 'css',
    }));
  },
};

/**
 * video.js without its HLS engine, which is as large as all the rest: a chunk of its own, for the few who need it. That
 * one asks for `video.js` too, and has to get the same.
 */
const withoutHls: Plugin = {
  name: 'without-hls',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^video\.js$/ }, ({ kind, resolveDir }) =>
      esbuild.resolve('video.js/core.es.js', { kind, resolveDir }),
    );
  },
};

/** The desk is built by itself: code that it shares must not become one more request of every viewer. */
const bundles = [
  { watch: 'app/browser/watch.ts', player: 'app/browser/player/player.css' },
  { desk: 'app/browser/desk.ts' },
];

async function bundle(root: string, entryPoints: Record<string, string>): Promise<[string, Buffer][]> {
  const result = await build({
    absWorkingDir: root,
    entryPoints,
    outdir: 'assets',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: ['firefox128', 'chrome120', 'safari17'],
    minify: true,
    write: false,
    legalComments: 'none',
    entryNames: '[name]-[hash]',
    chunkNames: 'chunk-[name]-[hash]',
    assetNames: '[name]-[hash]',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [withoutFonts, withoutHls],
  });
  return result.outputFiles.map(file => [basename(file.path), Buffer.from(file.contents)]);
}

async function encode(bytes: Buffer, name: string): Promise<Asset['encoded']> {
  if (!compressible.has(extname(name))) return new Map();
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const [br, gz] = await Promise.all([promisify(brotliCompress)(bytes, { params }), promisify(gzip)(bytes)]);
  return new Map([['br', br] as const, ['gzip', gz] as const]);
}

export class Assets {
  readonly #assets: ReadonlyMap<string, Asset>;

  private constructor(assets: ReadonlyMap<string, Asset>) {
    this.#assets = assets;
  }

  /** Bundles and reads; `root` is the project's folder. Rejects when the browser code does not build. */
  static async load(root: string): Promise<Assets> {
    const files = new Map((await Promise.all(bundles.map(each => bundle(root, each)))).flat());
    for (const name of await readdir(join(root, 'public'))) {
      const bytes = await readFile(join(root, 'public', name));
      const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
      files.set(`${basename(name, extname(name))}-${hash}${extname(name)}`, bytes);
    }
    const assets = [...files].map(async ([name, bytes]): Promise<[string, Asset]> => {
      const type = types[extname(name)] ?? 'application/octet-stream';
      return [name, { name, type, bytes, encoded: await encode(bytes, name) }];
    });
    return new Assets(new Map(await Promise.all(assets)));
  }

  /** The address of the asset that was called `name` (`style.css`) before the hash came into it. */
  url(name: string): string {
    const stem = `${basename(name, extname(name))}-`;
    const found = [...this.#assets.keys()].find(
      key => key.startsWith(stem) && extname(key) === extname(name) && !key.slice(stem.length).includes('-'),
    );
    if (!found)
      throw new Failure('asset-missing', `There is no ${name} in public/ or app/browser/.`, { name });
    return `/assets/${found}`;
  }

  /** The asset itself as an address (RFC 2397): for what is smaller than a request for it. */
  dataUrl(name: string): string {
    const asset = this.#assets.get(basename(this.url(name)));
    return `data:${asset?.type};base64,${asset?.bytes.toString('base64')}`;
  }

  /** What the script at `url` imports, and what that does: to be fetched beside it and not after it. */
  importsOf(url: string): string[] {
    const found = new Set<string>();
    const look = (name: string): void => {
      const text = this.#assets.get(name)?.bytes.toString() ?? '';
      for (const [, imported = ''] of text.matchAll(/(?:from|import)"\.\/([\w.-]+\.js)"/g)) {
        if (found.has(imported)) continue;
        found.add(imported);
        look(imported);
      }
    };
    look(basename(url));
    return [...found].map(name => `/assets/${name}`);
  }

  /** Bytes on the wire, for those who accept Brotli: what a viewer pays for `name`. */
  sizeBytes(url: string): number {
    const asset = this.#assets.get(basename(url));
    return (asset?.encoded.get('br') ?? asset?.bytes)?.length ?? 0;
  }

  routes(): Router {
    const router = Router();
    router.get('/assets/:name', (request, response) => {
      const asset = this.#assets.get(request.params.name);
      if (!asset)
        throw new Failure('not-found', 'This file belongs to another version of the page: reload it.');
      const encoding = request.acceptsEncodings(['br', 'gzip', 'identity']);
      const encoded = encoding === 'br' || encoding === 'gzip' ? asset.encoded.get(encoding) : undefined;
      if (encoded) response.set('Content-Encoding', String(encoding));
      response.set({
        'Content-Type': asset.type,
        'Cache-Control': 'public, max-age=31536000, immutable',
        Vary: 'Accept-Encoding',
      });
      response.send(encoded ?? asset.bytes);
    });
    return router;
  }
}
