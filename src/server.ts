import { buildApp, openParts } from '#app';
import { childOfBureau } from '#platform/child';
import { configFromEnvironment } from '#platform/config';
import { listen } from '#platform/http';
import { createLog } from '#platform/log';
import { loadStaticFiles } from '#platform/static-files';
import { measureServer } from './measuring.ts';
import { roomFor } from './room.ts';

/** The server process: HTTP in, nothing kept. Started by `admin.ts`, which says where the database is. */
const config = configFromEnvironment();
const log = createLog(config.logLevel, 'server');

await childOfBureau(async (go) => {
  const parts = await openParts(config, go, 'sender', log);
  const pages = go.pagesFolder === undefined ? undefined : await loadStaticFiles(go.pagesFolder);
  const room = roomFor(config);
  const app = buildApp({ ...parts, room, ...(pages === undefined ? {} : { pages }) });
  const server = app.createServer();
  const measuring = await measureServer(config.operation, parts, server);
  const url = await listen(server, config.host, go.port);
  return {
    url,
    stop: async () => {
      await measuring.close();
      await server.close();
      await parts.close();
    },
  };
}, log);
