// The licences of the libraries that are built in, which ask to be passed on with them.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

// Packages of Project Jupyter, and onnxruntime's, have theirs in their repositories only.
const WITHOUT_FILE = { "BSD-3-Clause": "jupyter.txt", MIT: "onnxruntime.txt" };

/** A text with a section for each package of `names`, folders within `modules`. */
export function licences(names, here) {
  const texts = new Map();
  for (const name of [...names].sort()) {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = ["LICENSE", "LICENSE.md"].map((one) => join(folder, one)).find(existsSync);
    const text = readFileSync(file ?? join(here, "licences", WITHOUT_FILE[license]), "utf8").trim();
    texts.set(text, [...(texts.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  return [...texts].map(([text, packages]) => `${packages.join("\n")}\n\n${text}\n`).join(`\n${"-".repeat(80)}\n\n`);
}
