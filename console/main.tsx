import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiProblem } from './api.ts';
import { listenForPresence } from './presence.ts';
import { createConsoleRouter } from './router.tsx';
import { applySettings } from './ui/settings.ts';
import { listenForShortcuts } from './ui/shortcuts.ts';

applySettings();
listenForShortcuts();
listenForPresence();

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // Every read of a report leaves an audit row, so nothing is read again unasked.
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: (failures, error) =>
        failures < 2 && error instanceof ApiProblem && (error.status === 0 || error.status === 503),
    },
  },
});

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id root');
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={createConsoleRouter(client)} />
    </QueryClientProvider>
  </StrictMode>,
);
