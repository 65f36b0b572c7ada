// Builds what browsers load: frontend/*.ts and blog/static/css/{reader,desk}.css → blog/static/dist/,
// every file named by its content, with manifest.json {"reader.js": "reader-ABCDEFGH.js", …} for the pages.
import { build } from "esbuild";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = `${root}blog/static/dist/`;
const KEPT_MS = 7 * 24 * 3600 * 1000;

// `import address from "package/file.css?url"` gives the address of a file that is loaded later, beside the script.
const addressOfFile = {
  name: "address-of-file",
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /\?url$/ }, async ({ path, ...from }) => ({
      ...(await resolve(path.replace(/\?url$/, ""), { resolveDir: from.resolveDir, kind: from.kind })),
      namespace: "url",
    }));
    onLoad({ filter: /./, namespace: "url" }, async ({ path }) => ({
      contents: await readWithoutMap(path),
      loader: "file",
    }));
  },
};

async function readWithoutMap(path) {
  return (await readFile(path, "utf8")).replace(/\n\/\/# sourceMappingURL=\S+\s*$/, "\n");
}

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: [
    ...["frontend/reader.ts", "frontend/desk.ts", "frontend/passkeys.ts"],
    ...["frontend/hash-worker.ts", "frontend/proof-worker.ts"],
    ...["blog/static/css/reader.css", "blog/static/css/desk.css"],
  ],
  outdir: dist,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".woff2": "file", ".svg": "file" },
  plugins: [addressOfFile],
  bundle: true,
  splitting: true,
  format: "esm",
  target: ["es2022", "chrome111", "firefox115", "safari16.4"],
  minify: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});

const built = Object.keys(metafile.outputs).map((path) => path.split("/").at(-1));
const named = built.filter((file) => !file.startsWith("chunk-"));
await Promise.all(built.filter((file) => /\.(m?js|css)$/.test(file)).map(compress));
await writeManifest(Object.fromEntries(named.map((file) => [file.replace(/-[A-Z0-9]{8}(?=\.\w+$)/, ""), file])));
await dropUnused(new Set([...built.flatMap((file) => [file, `${file}.br`, `${file}.gz`]), "manifest.json"]));

// Once here instead of for every reader: the server picks the one that the browser takes.
async function compress(file) {
  const content = await readFile(dist + file);
  await writeFile(`${dist}${file}.br`, brotliCompressSync(content));
  await writeFile(`${dist}${file}.gz`, gzipSync(content, { level: 9 }));
}

// Written under another name first: a page being served meanwhile reads the old manifest or the new one, never half.
async function writeManifest(manifest) {
  await mkdir(dist, { recursive: true });
  await writeFile(`${dist}manifest.tmp`, JSON.stringify(manifest, null, 2));
  await rename(`${dist}manifest.tmp`, `${dist}manifest.json`);
}

// Pages opened before an upgrade, or kept in a cache, still ask for the files of the build before.
async function dropUnused(wanted) {
  const unwanted = (await readdir(dist)).filter((file) => !wanted.has(file));
  for (const file of unwanted) {
    const { mtimeMs } = await stat(dist + file);
    if (Date.now() - mtimeMs > KEPT_MS) await rm(dist + file, { recursive: true });
  }
}
