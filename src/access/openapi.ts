import type { TSchema } from 'typebox';
import { Problem } from '#contract/shapes';
import { cookieName, sessionCookie } from './credentials.ts';
import type { Route, RouteFamily } from './route.ts';

/** An OpenAPI 3.1 document, as far as this bureau writes one. Schemas are JSON Schema 2020-12, as they check. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, unknown>>;
    readonly securitySchemes: Readonly<Record<string, unknown>>;
  };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: unknown;
}

type Content = Readonly<Record<string, { readonly schema?: unknown }>>;

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, TSchema & { readonly description?: string }>>;
  readonly required?: readonly string[];
}

const tagsOf: Readonly<
  Record<RouteFamily['signIn'], { readonly name: string; readonly description: string }>
> = {
  service: {
    name: 'Services',
    description:
      'What an online service sends and asks about its own reports. HTTP Basic with its credential.',
  },
  staff: {
    name: 'Staff',
    description: 'What the console and the command line use. A session, or the machine’s token.',
  },
  both: { name: 'Everybody with a credential', description: 'Services and staff.' },
  none: { name: 'Open', description: 'Needs no sign-in.' },
};

const securityOf: Readonly<Record<RouteFamily['signIn'], Operation['security']>> = {
  service: [{ basic: [] }],
  staff: [{ session: [] }, { machine: [] }],
  both: [{ basic: [] }, { session: [] }, { machine: [] }],
  none: [{}],
};

/** Describes the routes of the families as OpenAPI 3.1; what a route does not declare is left out, never guessed. */
export function openApiDocument(
  families: readonly RouteFamily[],
  info: { readonly version: string },
): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {};
  const used = new Set<RouteFamily['signIn']>();
  for (const family of families) {
    for (const route of family.routes) {
      used.add(family.signIn);
      const path = `${family.prefix}${route.path}`.replaceAll(/:([A-Za-z]\w*)/g, '{$1}');
      paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(family, route) };
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Firstlight',
      version: info.version,
      description:
        'The JSON API of this referral bureau. Times are ISO 8601; ids are text; whatever is refused is answered ' +
        'with problem details (RFC 9457) that name every defect at once.',
    },
    tags: [...used].map((signIn) => tagsOf[signIn]),
    paths,
    components: {
      schemas: { Problem },
      securitySchemes: {
        basic: {
          type: 'http',
          scheme: 'basic',
          description: 'User name and password of a service’s credential.',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: cookieName(sessionCookie, { baseUrl: 'https://' }),
          description:
            'A session of staff. Over http, on the bureau\u2019s own machine, the name has no prefix.',
        },
        machine: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token in the data folder of the bureau.',
        },
      },
    },
  };
}

function operationOf(family: RouteFamily, route: Route): Operation {
  const isAnyone = route.permission === 'anyone';
  const body = requestBodyOf(route);
  const isIdempotent = family.signIn === 'service' && route.method === 'POST';
  return {
    operationId: operationIdOf(family, route),
    summary: route.summary,
    description: descriptionOf(route),
    tags: [tagsOf[family.signIn].name],
    security: isAnyone ? [{}] : securityOf[family.signIn],
    parameters: [
      ...parametersOf(route.params, 'path'),
      ...parametersOf(route.query, 'query'),
      ...(isIdempotent ? [idempotencyKey] : []),
    ],
    ...(body === undefined ? {} : { requestBody: { required: true, content: body } }),
    responses: {
      '2XX': {
        description: 'Done.',
        ...(route.reply === undefined ? {} : { content: { 'application/json': { schema: route.reply } } }),
      },
      default: {
        description: 'Refused, or not possible now: problem details with a stable code.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

/** The audit name where there is one, else what the path says; method and path make it unique. */
function operationIdOf(family: RouteFamily, route: Route): string {
  const path = `${family.prefix}${route.path}`.replaceAll(/[^A-Za-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');
  return `${route.method.toLowerCase()}-${path}`;
}

function descriptionOf(route: Route): string {
  const audited =
    typeof route.audit === 'string' ? `Leaves the audit row \`${route.audit}\`.` : 'Leaves no audit row.';
  return `Needs the permission \`${route.permission}\`. ${audited}`;
}

const idempotencyKey: Parameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A random text of your own for this act. The same key with the same request gets the stored answer for a day; ' +
    'with another request it gets 422, and while the first is being worked on 409.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function requestBodyOf(route: Route): Content | undefined {
  const accepts = route.receive?.accepts;
  if (accepts !== undefined) {
    return Object.fromEntries(
      Object.entries(accepts).map(([type, schema]) => [type, schema === null ? {} : { schema }]),
    );
  }
  return route.body === undefined ? undefined : { 'application/json': { schema: route.body } };
}

function parametersOf(schema: TSchema | undefined, where: 'path' | 'query'): readonly Parameter[] {
  const { properties = {}, required = [] } = (schema ?? {}) as ObjectSchema;
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    ...(property.description === undefined ? {} : { description: property.description }),
    schema: property,
  }));
}
