import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import type { LiveTick } from '#contract/desk';
import type { Environment } from '#contract/shapes';
import { liveAddress } from '../../api.ts';
import { sessionQuery } from '../../session.ts';
import { type News, newsAfter } from './news.ts';

interface Live {
  readonly news: News | undefined;
  readonly isConnected: boolean;
  readonly clear: () => void;
}

/** Listens to the live stream. The first tick is what later ones are compared with. */
export function useLive(environment: Environment): Live {
  const client = useQueryClient();
  const [news, setNews] = useState<News>();
  const [isConnected, setConnected] = useState(true);
  const clear = useCallback(() => setNews(undefined), []);
  useEffect(() => {
    let last: LiveTick | undefined;
    const stream = new EventSource(liveAddress(environment));
    stream.addEventListener('open', () => setConnected(true));
    stream.addEventListener('error', () => {
      setConnected(false);
      // The browser asks again by itself, but not after a refusal: then the session may be over.
      if (stream.readyState === EventSource.CLOSED) void client.invalidateQueries(sessionQuery);
    });
    stream.addEventListener('line', (event: MessageEvent<string>) => {
      const tick = JSON.parse(event.data) as LiveTick;
      const before = last;
      last = tick;
      if (before !== undefined) setNews((known) => newsAfter(before, tick, known));
    });
    return () => {
      stream.close();
      setNews(undefined);
    };
  }, [environment, client]);
  return { news, isConnected, clear };
}
