import { useCallback, useEffect, useState } from 'react';
import type { LiveTick } from '#contract/desk';
import type { Environment } from '#contract/shapes';
import { liveAddress } from '../../api.ts';

/** What came in since the line was read. `added` is 0 when only the times tell that something is new. */
export interface News {
  readonly added: number;
  readonly urgent: number;
}

interface Live {
  readonly news: News | undefined;
  readonly isConnected: boolean;
  readonly clear: () => void;
}

/** What a tick adds to the news, given the one before it; reports that leave the line are no news. */
export function newsAfter(before: LiveTick, tick: LiveTick, news: News | undefined): News | undefined {
  const added = Math.max(0, tick.waiting - before.waiting);
  const urgent = Math.max(0, tick.urgent - before.urgent);
  const isNewer = (tick.newestFiledAt ?? '') > (before.newestFiledAt ?? '');
  if (added === 0 && urgent === 0 && !isNewer) return news;
  return { added: (news?.added ?? 0) + added, urgent: (news?.urgent ?? 0) + urgent };
}

/** Listens to the live stream. The first tick is what later ones are compared with. */
export function useLive(environment: Environment): Live {
  const [news, setNews] = useState<News>();
  const [isConnected, setConnected] = useState(true);
  const clear = useCallback(() => setNews(undefined), []);
  useEffect(() => {
    let last: LiveTick | undefined;
    const stream = new EventSource(liveAddress(environment));
    stream.addEventListener('open', () => setConnected(true));
    stream.addEventListener('error', () => setConnected(false));
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
  }, [environment]);
  return { news, isConnected, clear };
}
