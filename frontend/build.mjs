// Builds what browsers get into the folder that is named (else into the package), always the same bytes from the same
// source. `node build.mjs FOLDER --sizes` prints what weighs how much.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { build } from "esbuild";
import { licences } from "./licences.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const PACKAGE = join(HERE, "../bearclf/static");
const TEMPLATE = "jupyter/nbconvert/templates/bearclf";
const [folder = PACKAGE] = process.argv.slice(2).filter((word) => !word.startsWith("--"));

// Each of these goes over the kernel's line, as the `_esm` of its Python class.
const WIDGETS = ["contact_sheet", "drop_zone", "files_out", "found_tiles", "matrix", "photo_answers", "stock_page"];

// Libraries that are asked for whole, but of which little is needed: the name as it is imported, and our stand-in.
const REPLACEMENTS = {
  "@lumino/dragdrop": "dragdrop.js",
  "@lumino/widgets": "lumino-widgets.js",
  jquery: "jquery.js",
  "lodash/isEqual": "is-equal.js",
  "sanitize-html": "sanitize-html.ts",
  underscore: "underscore.js",
};

const replaced = {
  name: "replaced",
  setup(inBuild) {
    inBuild.onResolve({ filter: /^[@a-z]/ }, ({ path, kind }) =>
      kind !== "entry-point" && path in REPLACEMENTS
        ? { path: join(HERE, "src/replacements", REPLACEMENTS[path]) }
        : undefined,
    );
  },
};

// In a layer, `!important` would win over the page's own style sheet: focus would not be seen, for one.
const unimportant = {
  name: "unimportant",
  setup(inBuild) {
    inBuild.onLoad({ filter: /node_modules.*\.css$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/\s*!important/g, ""),
      loader: "css",
    }));
  },
};

// What runs the network needs browsers as new as these, all of 2023.
const NEW_ENOUGH = ["es2022", "chrome113", "safari16.4", "firefox114"];

/** What is built of `entryPoints`, as esbuild tells it. */
function built(entryPoints, options = {}) {
  return build({
    absWorkingDir: HERE,
    entryPoints,
    outdir: resolve(folder),
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2020", "chrome100", "safari15", "firefox100"],
    // Lumino is taken from its sources, which count on this.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    legalComments: "none", // in licences.txt
    metafile: true,
    write: false,
    plugins: [replaced, unimportant],
    logLevel: "warning",
    ...options,
  });
}

async function write(path, contents) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, contents);
}

/** Compressed, unless that very content is there already: every zlib has its own way of saying the same. */
async function writePacked(path, contents) {
  const there = await readFile(path).then(gunzipSync, () => undefined);
  if (!there?.equals(contents)) {
    await write(path, gzipSync(contents, { level: 9 }));
  }
}

const page = await built(
  { [`${TEMPLATE}/static/page`]: "src/page/main.ts" },
  { banner: { js: "/* Licences of what is built in: licences.txt */" } },
);
const widgets = await built([
  ...WIDGETS.map((name) => ({ in: `src/widgets/${name}.ts`, out: name })),
  { in: "styles/stock_page.css", out: "stock_page" },
]);
const inlined = await built(
  { [`${TEMPLATE}/first_look`]: "src/page/first_look.ts", [`${TEMPLATE}/critical`]: "styles/critical.css" },
  { format: "iife" },
);
// The page that needs no server, which `bearclf export --web` copies.
const web = await built(
  [
    { in: "src/web/main.ts", out: "web/page" },
    { in: "src/web/worker.ts", out: "web/worker" },
    { in: "styles/web.css", out: "web/page" },
  ],
  { banner: { js: "/* Licences of what is built in: licences.txt */" }, target: NEW_ENOUGH },
);
const keeping = await built(
  { "web/service_worker": "src/web/service_worker.ts" },
  { format: "iife", target: NEW_ENOUGH },
);
for (const { path, contents } of [page, widgets, web, keeping].flatMap(({ outputFiles }) => outputFiles)) {
  await write(path, contents);
}
for (const { path, text } of inlined.outputFiles) {
  await write(path, text.replace(/\{(?=[{%#])/g, "{ ")); // which Jinja would take for its own
}
const packageOf = (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
for (const [{ metafile }, path] of [
  [page, `${TEMPLATE}/static/licences.txt`],
  [web, "web/licences.txt"],
]) {
  const builtIn = new Set(Object.keys(metafile.inputs).map(packageOf).filter(Boolean));
  await write(resolve(folder, path), licences(builtIn, HERE));
}
await write(resolve(folder, "web/index.html"), await readFile(join(HERE, "src/web/index.html")));
await writePacked(
  resolve(folder, "web/runtime.wasm.gz"),
  await readFile(join(HERE, "node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm")),
);

if (process.argv.includes("--sizes")) {
  for (const { metafile } of [page, widgets, inlined, web, keeping]) {
    for (const [name, output] of Object.entries(metafile.outputs)) {
      const weights = new Map();
      for (const [file, { bytesInOutput }] of Object.entries(output.inputs)) {
        const owner = packageOf(file) ?? "our own";
        weights.set(owner, (weights.get(owner) ?? 0) + bytesInOutput);
      }
      console.log(`${relative(folder, resolve(HERE, name))}: ${output.bytes} bytes`);
      for (const [owner, bytes] of [...weights].sort((one, other) => other[1] - one[1])) {
        console.log(`${String(bytes).padStart(9)}  ${owner}`);
      }
    }
  }
}
