// Builds the elements into the server's static folder:
//   crowd-html-elements.js, crowd-html-elements-v2.js   the classic script that templates load; imports the module
//   css/crowd-html-elements-v2.css                      loaded by v2 templates
//   elements-HASH.js, chunks/*-HASH.js                  the module and what it loads on demand
//   frame.js                                            what a task's page lacks for want of an origin; before all else
//   indexed-db.js                                       the same for databases, where a template may ask for one
//   pdf/viewer.js, pdf/worker.js                        the page that shows a PDF document
//   preload.txt                                         the module and what it imports at once, a line each
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const outdir = resolve(process.argv[2] ?? join(here, "../src/groundswell/server/static/elements"));
const staging = `${outdir}.building-${process.pid}`;

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: "es2022",
  legalComments: "external",
  logLevel: "warning",
  plugins: [minifiedTemplates()],
};

/** Collapses white space in css`` and html`` texts: a quarter of the bundle would be indentation. */
function minifiedTemplates() {
  return {
    name: "minified-templates",
    setup(builder) {
      builder.onLoad({ filter: /src[\\/].*\.ts$/ }, async ({ path }) => {
        const source = await readFile(path, "utf8");
        const squeezed = path.endsWith("styles.ts") || path.endsWith(".css.ts")
          ? source.replace(/(css`)([^`]*)`/g, (_all, tag, text) => `${tag}${squeezeCss(text)}\``)
          : source.replace(/>\n\s+</g, ">\n<");
        return { contents: squeezed, loader: "ts" };
      });
    },
  };
}

function squeezeCss(text) {
  return text.replace(/\/\*[^*]*\*\//g, "").replace(/\s+/g, " ").replace(/ ?([{};,]) ?/g, "$1").trim();
}

async function main() {
  await mkdir(join(staging, "css"), { recursive: true });
  const result = await build({
    ...common,
    entryPoints: { elements: "src/index.ts" },
    format: "esm",
    splitting: true,
    outdir: staging,
    entryNames: "[name]-[hash]",
    chunkNames: "chunks/[name]-[hash]",
    metafile: true,
  });
  const entry = Object.keys(result.metafile.outputs).find((name) => /elements-[A-Z0-9]+\.js$/.test(name));
  await build({
    ...common,
    entryPoints: { "crowd-html-elements": "src/entry/loader.ts" },
    format: "iife",
    outdir: staging,
    define: { GROUNDSWELL_ENTRY: JSON.stringify(basename(entry)) },
  });
  await build({ ...common, entryPoints: { frame: "src/entry/frame.ts", "indexed-db": "src/entry/indexed-db.ts" }, format: "iife", outdir: staging });
  await build({
    ...common,
    entryPoints: { "pdf/viewer": "src/entry/pdf-viewer.ts" },
    format: "esm",
    outdir: staging,
    define: { PDF_WORKER: JSON.stringify("./worker.js") },
  });
  await copyFile(join(here, "node_modules/pdfjs-dist/legacy/build/pdf.worker.min.mjs"), join(staging, "pdf/worker.js"));
  const loader = await readFile(join(staging, "crowd-html-elements.js"));
  await writeFile(join(staging, "crowd-html-elements-v2.js"), loader);
  await writeFile(join(staging, "css/crowd-html-elements-v2.css"), await readFile(join(here, "src/entry/v2.css")));
  await writeFile(join(staging, "preload.txt"), eager(result.metafile.outputs, entry).map((name) => `${relative(staging, resolve(here, name))}\n`).join(""));
  await writeFile(join(staging, "version.txt"), createHash("sha256").update(loader).digest("hex").slice(0, 12) + "\n");
  // Swap folders, so that a page loading meanwhile sees the old build or the new one, never half of one.
  await rm(`${outdir}.old`, { recursive: true, force: true });
  await rename(outdir, `${outdir}.old`).catch(() => undefined);
  await mkdir(dirname(outdir), { recursive: true });
  await rename(staging, outdir);
  await rm(`${outdir}.old`, { recursive: true, force: true });
  await report();
}

/** The entry and everything it imports at once, so that a page can ask for all of it in one go. */
function eager(outputs, name, found = new Set()) {
  if (found.has(name)) return [...found];
  found.add(name);
  for (const { path, kind } of outputs[name].imports) if (kind === "import-statement") eager(outputs, path, found);
  return [...found];
}

async function report() {
  let total = 0;
  for (const name of (await readdir(outdir, { recursive: true })).sort()) {
    if (!/\.(js|css)$/.test(name)) continue;
    const size = gzipSync(await readFile(join(outdir, name))).length;
    if (!name.includes("-v2.js")) total += size;
    process.stdout.write(`${(size / 1000).toFixed(1).padStart(7)} kB  ${name}\n`);
  }
  process.stdout.write(`${(total / 1000).toFixed(1).padStart(7)} kB  compressed in all\n`);
}

await main().catch(async (error) => {
  await rm(staging, { recursive: true, force: true });
  process.stderr.write(`${error}\n`);
  process.exitCode = 1;
});
