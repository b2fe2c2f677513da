// Builds what browsers get into the folder that is named (else into the package), always the same bytes from the same
// source. `node build.mjs FOLDER --sizes` prints what weighs how much.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
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
for (const { path, contents } of [...page.outputFiles, ...widgets.outputFiles]) {
  await write(path, contents);
}
for (const { path, text } of inlined.outputFiles) {
  await write(path, text.replace(/\{(?=[{%#])/g, "{ ")); // which Jinja would take for its own
}
const packageOf = (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
const builtIn = new Set(Object.keys(page.metafile.inputs).map(packageOf).filter(Boolean));
await write(resolve(folder, TEMPLATE, "static/licences.txt"), licences(builtIn, HERE));

if (process.argv.includes("--sizes")) {
  for (const { metafile } of [page, widgets, inlined]) {
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
