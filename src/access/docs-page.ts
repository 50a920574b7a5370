import { sha256Of } from '#platform/random';
import { docsStyle } from './docs-style.ts';
import type { OpenApiDocument, Operation } from './openapi.ts';

/** Nothing from anywhere else, no script at all, and exactly the one style element that the page carries. */
export const docsPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${sha256Of(docsStyle).toString('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** JSON Schema, as far as the page shows it. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly $ref?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly contentMediaType?: string;
}

interface Entry {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
}

/** The API's description as one HTML page: no script, nothing loaded, readable without the network and on paper. */
export function docsPage(document: OpenApiDocument): string {
  const entries = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): Entry => ({ path, method, operation })),
  );
  const sections = document.tags.map((tag) => ({
    ...tag,
    entries: entries.filter((entry) => entry.operation.tags.includes(tag.name)),
  }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(document.info.title)} API</title>
<style>${docsStyle}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the calls</a>
<div class="page">
<nav aria-label="Calls">
<a href="openapi.json">openapi.json</a>
${sections.map((section) => `<h2>${escaped(section.name)}</h2>\n<ul>${section.entries.map(linkTo).join('\n')}</ul>`).join('\n')}
</nav>
<main id="content">
<h1>${escaped(document.info.title)} API</h1>
<p class="lead">${escaped(document.info.description)}</p>
<p class="aside">Version ${escaped(document.info.version)}. OpenAPI ${document.openapi}.</p>
${sections.map(section).join('\n')}
<h2 id="problem">Problem details</h2>
<p class="note">What every refusal is answered with, as application/problem+json.</p>
<article>${shape(document.components.schemas.Problem as Schema)}</article>
</main>
</div>
</body>
</html>
`;
}

function section(part: { name: string; description: string; entries: readonly Entry[] }): string {
  return `<h2>${escaped(part.name)}</h2>
<p class="note">${escaped(part.description)}</p>
${part.entries.map(article).join('\n')}`;
}

function linkTo({ path, method, operation }: Entry): string {
  return `<li><a href="#${operation.operationId}">${badge(method)}<span class="path">${broken(path)}</span></a></li>`;
}

function badge(method: string): string {
  return `<span class="method ${method}">${method.toUpperCase()}</span>`;
}

function article({ path, method, operation }: Entry): string {
  const { parameters, requestBody, responses } = operation;
  const reply = responses['2XX']?.content?.['application/json']?.schema as Schema | undefined;
  return `<article id="${operation.operationId}">
<h3>${badge(method)}<span class="path">${broken(path)}</span></h3>
<p>${escaped(operation.summary)}</p>
<p class="aside">${coded(operation.description ?? '')}</p>
${parameters.length === 0 ? '' : `<h4>Parameters</h4><dl>${parameters.map((each) => field(`${each.name}`, { ...(each.schema as Schema), ...(each.description === undefined ? {} : { description: each.description }) }, each.required, each.in)).join('')}</dl>`}
${Object.entries(requestBody?.content ?? {})
  .map(
    ([type, { schema }]) =>
      `<h4>Body: ${escaped(type)}</h4>${schema === undefined ? '<p>The bytes of one file.</p>' : folded('Fields', schema as Schema)}`,
  )
  .join('\n')}
${reply === undefined ? '' : `<h4>Answer</h4>${folded('Fields', reply)}`}
</article>`;
}

function folded(title: string, schema: Schema): string {
  return `<details><summary>${title}</summary>${shape(schema)}</details>`;
}

/** The fields of a schema; alternatives one after the other. */
function shape(schema: Schema): string {
  if (schema.anyOf !== undefined) {
    const alternatives = schema.anyOf.map((each) => `<h4>${escaped(titleOf(each))}</h4>${shape(each)}`);
    return alternatives.join('');
  }
  if (schema.type === 'array' && schema.items !== undefined) return shape(schema.items);
  const { properties, required = [] } = schema;
  if (properties === undefined) return `<p><span class="type">${escaped(typeOf(schema))}</span></p>`;
  const fields = Object.entries(properties).map(([name, each]) => field(name, each, required.includes(name)));
  return `<dl>${fields.join('')}</dl>`;
}

/** An alternative is told apart by the field that has one fixed value. */
function titleOf(schema: Schema): string {
  const fixed = Object.entries(schema.properties ?? {}).find(([, each]) => each.const !== undefined);
  return fixed === undefined ? 'or' : `With ${fixed[0]}: ${JSON.stringify(fixed[1].const)}`;
}

function field(name: string, schema: Schema, isRequired: boolean, where?: string): string {
  const inner = schema.type === 'array' ? schema.items : schema;
  const hasFields = inner?.properties !== undefined || inner?.anyOf !== undefined;
  const limits = limitsOf(schema);
  return `<dt><span class="name">${escaped(name)}</span><span class="type">${escaped(typeOf(schema))}${
    where === undefined ? '' : ` in ${where}`
  }</span>${limits === '' ? '' : `<span class="limits">${escaped(limits)}</span>`}${
    isRequired ? '<span class="needed">needed</span>' : ''
  }</dt>
<dd>${escaped(schema.description ?? '')}${hasFields && inner !== undefined ? folded('Fields', inner) : ''}</dd>`;
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.replace(/^.*\//, '');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.type === 'array')
    return `list of ${schema.items === undefined ? 'anything' : typeOf(schema.items)}`;
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' | ');
  const type = [schema.type ?? 'anything'].flat().join(' | ');
  return schema.format === undefined ? type : `${type}, ${schema.format}`;
}

function limitsOf(schema: Schema): string {
  const { minimum, maximum, maxLength, minItems, maxItems } = schema;
  return [
    minimum === undefined && maximum === undefined ? [] : [`${minimum ?? '…'} to ${maximum ?? '…'}`],
    maxLength === undefined ? [] : [`at most ${maxLength} characters`],
    minItems === undefined ? [] : [`at least ${minItems}`],
    maxItems === undefined ? [] : [`at most ${maxItems}`],
  ]
    .flat()
    .join(', ');
}

/** A path that may be broken before each of its parts, and nowhere else. */
function broken(path: string): string {
  return escaped(path).replaceAll(/(?!^)\//g, '<wbr>/');
}

function coded(text: string): string {
  return escaped(text).replaceAll(/`([^`]*)`/g, '<code>$1</code>');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
