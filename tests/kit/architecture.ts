/**
 * The architecture as rules over the program's syntax trees, which the TypeScript compiler parses. Owns the tables of
 * what may import what; app/ itself stays free of them.
 */
import { dirname, join, relative, resolve } from 'node:path';
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast';
import {
  isArrayLiteralExpression,
  isCallExpression,
  isExportDeclaration,
  isIdentifier,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isNewExpression,
  isObjectLiteralExpression,
  isPropertyDeclaration,
  isStringLiteral,
  isVariableStatement,
} from 'typescript/unstable/ast/is';
import { API } from 'typescript/unstable/sync';

/** Who may import whom: a place may import any place of an earlier row, and itself. */
const rows: readonly (readonly string[])[] = [
  ['lib'],
  ['capture', 'segments', 'people', 'store', 'tor'],
  ['live', 'chat'],
  ['delivery', 'moderation'],
  ['web', 'control'],
  ['config.ts'],
  ['composition'],
  ['server.ts'],
  ['cli'],
];

type Rule = {
  /** The places that may import the package. */
  places: readonly string[];
  /** In how many files of each place, not counting imports of its types alone; without it in any. */
  filesPerPlace?: number;
};

/** Where each third-party package, and each built-in one worth keeping in one place, may be imported. */
const packages: Readonly<Record<string, Rule>> = {
  execa: { places: ['capture', 'tor'], filesPerPlace: 1 },
  chokidar: { places: ['segments'], filesPerPlace: 1 },
  ws: { places: ['web'], filesPerPlace: 1 },
  'svg-captcha': { places: ['people'], filesPerPlace: 1 },
  culori: { places: ['people'], filesPerPlace: 1 },
  obscenity: { places: ['people'], filesPerPlace: 1 },
  tripcode: { places: ['people'], filesPerPlace: 1 },
  re2js: { places: ['moderation'], filesPerPlace: 1 },
  esbuild: { places: ['web'], filesPerPlace: 1 },
  'cookie-signature': { places: ['web'], filesPerPlace: 1 },
  'basic-auth': { places: ['web'], filesPerPlace: 1 },
  express: { places: ['web'] },
  'express-session': { places: ['web'] },
  compression: { places: ['web'] },
  eta: { places: ['web'] },
  // In capture it is only the lock on a file, which Node itself has not.
  'node:sqlite': { places: ['store', 'capture'] },
  'video.js': { places: ['browser'] },
  '@videojs/http-streaming': { places: ['browser'], filesPerPlace: 1 },
  zod: { places: rows.flat() },
};

/**
 * Every breach of the rules in `<root>/app`, one sentence each; empty when there is none. `root` holds the
 * tsconfig.json files of the server and, if there is such code, of app/browser.
 */
export function breaches(root: string, tsconfigs: readonly string[]): string[] {
  const api = new API({ cwd: root });
  try {
    const openProjects = tsconfigs.map(name => join(root, name));
    const files = api
      .updateSnapshot({ openProjects })
      .getProjects()
      .flatMap(({ program }) => program.getSourceFileNames().map(name => program.getSourceFile(name)))
      .filter(file => file !== undefined)
      .map(file => ({ path: relative(join(root, 'app'), file.fileName), file }))
      .filter(({ path }) => !path.startsWith('..') && !path.endsWith('.d.ts'));
    if (files.length === 0) throw new Error(`No source file was found in ${root}/app.`);
    return [
      ...files.flatMap(({ path, file }) => [
        ...misplacedImports(path, importsOf(file)),
        ...(placeOf(path) === 'browser' ? [] : sharedState(path, file)),
        ...shapeless(path, file),
      ]),
      ...scatteredPackages(files.map(({ path, file }) => ({ path, imports: importsOf(file) }))),
    ].sort();
  } finally {
    api.close();
  }
}

/** The folder of app/ that a file lies in, or the file itself. */
function placeOf(path: string): string {
  return path.split('/')[0] ?? path;
}

/** `@scope/name/file` → `@scope/name`; built-in packages by their whole name. */
function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

type Import = { specifier: string; isOfTypes: boolean };

/** What a file imports in any way: statically, for types, by re-export or when it runs. */
function importsOf(file: SourceFile): Import[] {
  const imports: Import[] = [];
  const take = (node: Node | undefined, isOfTypes: boolean) => {
    if (node && isStringLiteral(node)) imports.push({ specifier: node.text, isOfTypes });
  };
  walk(file, node => {
    if (isImportDeclaration(node)) {
      take(node.moduleSpecifier, node.importClause?.phaseModifier === SyntaxKind.TypeKeyword);
    } else if (isExportDeclaration(node)) take(node.moduleSpecifier, node.isTypeOnly);
    else if (isImportTypeNode(node) && isLiteralTypeNode(node.argument)) take(node.argument.literal, true);
    else if (isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword) {
      take(node.arguments[0], false);
    }
  });
  return imports;
}

function misplacedImports(path: string, imports: readonly Import[]): string[] {
  const from = placeOf(path);
  const row = rows.findIndex(places => places.includes(from));
  if (row < 0 && from !== 'browser')
    return [`${path}: ${from} has no place in the table of tests/kit/architecture.ts`];
  return imports.flatMap(({ specifier }) => {
    if (!specifier.startsWith('.')) {
      const rule = packages[packageOf(specifier)];
      if (!rule && specifier.startsWith('node:') && from !== 'browser') return [];
      if (!rule) return [`${path}: ${specifier} has no place in the table of tests/kit/architecture.ts`];
      return rule.places.includes(from)
        ? []
        : [`${path}: ${specifier} belongs in ${rule.places.join(' and ')}`];
    }
    const target = relative('/app', resolve('/app', dirname(path), specifier));
    const to = placeOf(target);
    if (to === '..') return [`${path}: ${specifier} lies outside app/`];
    if (to === from) return [];
    if (
      from === 'config.ts' &&
      to !== 'lib' &&
      !(target.startsWith(`${to}/`) && target.endsWith('/config.ts'))
    ) {
      return [`${path}: of ${to}/ it may import config.ts only, not ${target}`];
    }
    const allowed =
      from !== 'browser' && to !== 'browser' && rows.slice(0, row).some(places => places.includes(to));
    return allowed ? [] : [`${path}: ${from} may not import ${target}`];
  });
}

function scatteredPackages(files: readonly { path: string; imports: readonly Import[] }[]): string[] {
  return Object.entries(packages).flatMap(([name, { places, filesPerPlace }]) =>
    places.flatMap(place => {
      const importers = files
        .filter(
          ({ path, imports }) =>
            placeOf(path) === place && imports.some(it => !it.isOfTypes && packageOf(it.specifier) === name),
        )
        .map(({ path }) => path);
      if (filesPerPlace === undefined || importers.length <= filesPerPlace) return [];
      return [`${name} is imported by ${importers.join(', ')}; one file of ${place}/ may`];
    }),
  );
}

const mutable: ReadonlySet<string> = new Set(['Map', 'Set', 'WeakMap', 'WeakSet', 'Array']);

/** State that outlives its owner: module-level `let`, collections that can be changed, static fields. */
function sharedState(path: string, file: SourceFile): string[] {
  const found: string[] = [];
  for (const statement of file.statements) {
    if (!isVariableStatement(statement)) continue;
    const isConstant = /^(export\s+)?(declare\s+)?const\b/.test(statement.getText(file));
    for (const { name, type, initializer } of statement.declarationList.declarations) {
      const what = `${path}: module-level ${name.getText(file)}`;
      if (!isConstant) found.push(`${what} is let or var`);
      const isReadonly = /^(Readonly|readonly )/.test(type?.getText(file) ?? '');
      if (initializer && !isReadonly && isChangeable(initializer))
        found.push(`${what} is a mutable collection`);
    }
  }
  walk(file, node => {
    if (!isPropertyDeclaration(node)) return;
    const modifiers = node.modifiers?.map(modifier => modifier.getText(file)) ?? [];
    if (modifiers.includes('static') && !modifiers.includes('readonly')) {
      found.push(`${path}: static field ${node.name.getText(file)} is not readonly`);
    }
  });
  return found;
}

/** A new collection, or an empty literal: nothing but a place to put things. Filled literals are tables. */
function isChangeable(node: Node): boolean {
  if (isNewExpression(node)) return isIdentifier(node.expression) && mutable.has(node.expression.text);
  if (isArrayLiteralExpression(node)) return node.elements.length === 0;
  return isObjectLiteralExpression(node) && node.properties.length === 0;
}

/** `any`, and files that only hand on what others export. */
function shapeless(path: string, file: SourceFile): string[] {
  const found: string[] = [];
  walk(file, node => {
    if (node.kind === SyntaxKind.AnyKeyword) found.push(`${path}: any`);
  });
  const handsOn = (node: Node) => isExportDeclaration(node) && node.moduleSpecifier !== undefined;
  const isBarrel = file.statements.length > 0 && file.statements.every(handsOn);
  if (isBarrel || /(^|\/)index\.ts$/.test(path)) found.push(`${path}: a barrel`);
  return found;
}

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  node.forEachChild(child => walk(child, visit));
}
