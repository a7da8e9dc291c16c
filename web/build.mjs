// The pages' assets: our TypeScript and CSS, with what package-lock.json pins, into src/manciple/web/static.
//
// Every file is named by its content, has .gz and .br twins where that helps, and stands in
// manifest.json under its plain name. Nothing third-party is committed; licences go along.
import * as esbuild from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const OUT = '../src/manciple/web/static';
const ICONS = {
  // name on the page: name at lucide
  approver: 'stamp', case: 'triangle-alert', erp: 'database', finance: 'receipt-text',
  order: 'file-text', policy: 'scale', requester: 'user-round', supplier: 'factory',
  warehouse: 'warehouse', trace: 'route', search: 'search', theme: 'sun-moon', density: 'rows-3',
  help: 'circle-question-mark', next: 'chevron-right', back: 'chevron-left', check: 'check',
  lines: 'list-checks', proposal: 'git-pull-request-arrow', truck: 'truck', plug: 'unplug',
  empty: 'package-search', chart: 'chart-no-axes-column', waiting: 'hourglass', bell: 'bell',
  flow: 'workflow', endpoint: 'plug', letter: 'mail-x', aside: 'file-warning', people: 'users-round', audit: 'shield-check',
  download: 'download', undo: 'undo-2', close: 'x', panel: 'panel-right', page: 'file', view: 'bookmark',
  site: 'map-pin', item: 'package', action: 'zap',
  duplicate: 'copy', accrual: 'package-check', credit: 'hand-coins',
};
const LICENCES = ['htmx.org', '@fontsource-variable/inter', 'lucide-static'];

const fromModules = (path) => readFileSync(`node_modules/${path}`);
const manifest = {};

function write(name, bytes, { squeeze }) {
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 10);
  const hashed = name.replace(/(\.\w+)$/, `-${digest}$1`);
  writeFileSync(`${OUT}/${hashed}`, bytes);
  if (squeeze) {
    writeFileSync(`${OUT}/${hashed}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${OUT}/${hashed}.br`, brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }));
  }
  manifest[name] = hashed;
  return hashed;
}

function sprite() {
  const symbols = Object.entries(ICONS).map(([name, file]) => {
    const svg = fromModules(`lucide-static/icons/${file}.svg`).toString();
    const drawing = svg.replace(/<!--[\s\S]*?-->/g, '').replace(/^[\s\S]*?<svg[\s\S]*?>/, '').replace('</svg>', '');
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"`
      + ` stroke-linecap="round" stroke-linejoin="round">${drawing.replace(/\s+/g, ' ').trim()}</symbol>`;
  });
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`);
}

function licences() {
  const parts = LICENCES.map((name) => {
    const { version, license } = JSON.parse(fromModules(`${name}/package.json`));
    return `${name} ${version} (${license})\n\n${fromModules(`${name}/LICENSE`).toString().trim()}\n`;
  });
  return Buffer.from(`The pages carry these works of others.\n\n${parts.join(`\n${'-'.repeat(72)}\n\n`)}`);
}

mkdirSync(OUT, { recursive: true });
const font = write(
  'inter.woff2',
  fromModules('@fontsource-variable/inter/files/inter-latin-wght-normal.woff2'),
  { squeeze: false },
);
const bundle = await esbuild.build({
  entryPoints: ['src/app.ts', 'src/app.css'],
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2022', 'chrome125', 'firefox128', 'safari17.5'],
  legalComments: 'none',
  outdir: OUT,
  write: false,
  external: ['*.woff2'],
});
for (const { path, text } of bundle.outputFiles) {
  write(basename(path), Buffer.from(text.replaceAll('inter.woff2', font)), { squeeze: true });
}
write('icons.svg', sprite(), { squeeze: true });
write('mark.svg', readFileSync('src/mark.svg'), { squeeze: true });
writeFileSync(`${OUT}/licenses.txt`, licences());
writeFileSync(`${OUT}/manifest.json`, `${JSON.stringify(manifest, null, 1)}\n`);
