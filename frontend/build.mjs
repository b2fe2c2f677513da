// Builds page.js, page.css and licences.txt into the folder that is named (else into the template's), always the same
// bytes from the same source. `node build.mjs FOLDER --sizes` prints what weighs how much.

import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { licences } from "./licences.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const TEMPLATE = join(HERE, "../share/voila/templates/bearclf/static");

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

const [folder = TEMPLATE] = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const { metafile } = await build({
  absWorkingDir: HERE,
  entryPoints: { page: "src/main.ts" },
  outdir: resolve(folder),
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2020", "chrome100", "safari15", "firefox100"],
  // Lumino is taken from its sources, which count on this.
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
  legalComments: "none", // in licences.txt
  banner: { js: "/* Licences of what is built in: licences.txt */" },
  metafile: true,
  plugins: [replaced, unimportant],
  logLevel: "warning",
});

const packageOf = (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1];
const builtIn = new Set(Object.keys(metafile.inputs).map(packageOf).filter(Boolean));
await writeFile(join(resolve(folder), "licences.txt"), licences(builtIn, HERE));

if (process.argv.includes("--sizes")) {
  for (const [name, output] of Object.entries(metafile.outputs)) {
    const weights = new Map();
    for (const [file, { bytesInOutput }] of Object.entries(output.inputs)) {
      const owner = packageOf(file) ?? "our own";
      weights.set(owner, (weights.get(owner) ?? 0) + bytesInOutput);
    }
    console.log(`${name}: ${output.bytes} bytes`);
    for (const [owner, bytes] of [...weights].sort((one, other) => other[1] - one[1])) {
      console.log(`${String(bytes).padStart(9)}  ${owner}`);
    }
  }
}
