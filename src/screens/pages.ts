import {
  accessRefusal,
  defineRoute,
  type Fault,
  type Presented,
  presentProblem,
  type RouteFamily,
  unaudited,
} from '#access';
import { packedFor, type StaticFile } from '#platform/static-files';

/**
 * The console's pages. Only scripts and styles that the bureau serves itself run; the one hash is a style that the
 * component library injects.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'sha256-38RhXrc7EdReTKsOm23ZPOCUgniTUUcjky8QOOrQx6o='",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const yearSeconds = 365 * 24 * 60 * 60;

/** Serves the built console from memory; every address that is not a file is a screen of it. */
export function pagesFamily(files: ReadonlyMap<string, StaticFile>): RouteFamily {
  const page = (path: string) =>
    defineRoute({
      method: 'GET',
      path,
      permission: 'anyone',
      audit: unaudited('serves the same public files to everybody'),
      summary: 'The console',
      withoutDatabase: true,
      handle: async (_ctx, { params, request }) => {
        const wanted = `/${(params as Record<string, string>)['*'] ?? ''}`;
        const isAsset = /\.[a-z0-9]+$/i.test(wanted);
        const name = isAsset ? wanted : '/index.html';
        const file = files.get(name);
        if (file === undefined) throw accessRefusal('http.unknown-path');
        const { body, headers } = packedFor(file, String(request.headers['accept-encoding'] ?? ''));
        const isHashed = name.startsWith('/assets/');
        const caching = isHashed ? `public, max-age=${yearSeconds}, immutable` : 'no-cache';
        const common = {
          ...headers,
          'cache-control': caching,
          'content-security-policy': contentSecurityPolicy,
        };
        if (request.headers['if-none-match'] === file.etag) return { status: 304, headers: common, body: '' };
        return { headers: common, body };
      },
    });
  return {
    name: 'pages',
    prefix: '',
    signIn: 'none',
    presentFault: presentPageFault,
    routes: [page('/'), page('/*')],
  };
}

function presentPageFault(fault: Fault, request: Parameters<RouteFamily['presentFault']>[1]): Presented {
  const problem = presentProblem(fault, request);
  const title: unknown = (JSON.parse(String(problem.body)) as { title?: unknown }).title;
  return {
    status: problem.status,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: `${String(title)}\n`,
  };
}
