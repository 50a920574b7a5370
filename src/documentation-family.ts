import {
  defineRoute,
  docsPage,
  docsPolicy,
  openApiDocument,
  presentProblem,
  type RouteFamily,
  unaudited,
} from '#access';

/** The API's description and a page to read it, for everybody: they say how to knock, not who is in. */
export function documentationFamily(families: () => readonly RouteFamily[], version: string): RouteFamily {
  const audit = unaudited('serves the public description of the API');
  const document = () =>
    openApiDocument(
      families().filter((family) => family.prefix === '/v1'),
      { version },
    );
  return {
    name: 'documentation',
    prefix: '/v1',
    signIn: 'none',
    presentFault: presentProblem,
    routes: [
      defineRoute({
        method: 'GET',
        path: '/openapi.json',
        permission: 'anyone',
        audit,
        summary: 'This API as OpenAPI 3.1',
        withoutDatabase: true,
        handle: async () => ({ body: document() }),
      }),
      defineRoute({
        method: 'GET',
        path: '/docs',
        permission: 'anyone',
        audit,
        summary: 'This API as a page',
        withoutDatabase: true,
        handle: async () => ({
          headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': docsPolicy },
          body: docsPage(document()),
        }),
      }),
    ],
  };
}
