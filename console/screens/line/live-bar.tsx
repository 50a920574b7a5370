import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { LineSearch } from '../../line.ts';
import { announce } from '../../ui/announce.tsx';
import { Button } from '../../ui/button.tsx';
import { useShortcut } from '../../ui/shortcuts.ts';
import { counted } from '../../ui/words.ts';
import { currentRow, focusRow } from './current-row.ts';
import { useLive } from './live.ts';

/** Says what came in since the line was read. The rows move only when somebody asks for it. */
export function LiveBar({ search }: { readonly search: LineSearch }) {
  const client = useQueryClient();
  const [isShowing, setShowing] = useState(false);
  const { news, isConnected, clear } = useLive(search.environment ?? 'production');
  const show = async () => {
    setShowing(true);
    await client.resetQueries({ queryKey: ['line', search] });
    client.removeQueries({ queryKey: ['line'], type: 'inactive' });
    clear();
    setShowing(false);
    announce('The line is up to date');
    const row = currentRow();
    if (row !== undefined) requestAnimationFrame(() => focusRow(row));
  };
  useShortcut({
    keys: 's',
    label: 'Show new reports',
    group: 'In the line',
    run: () => void show(),
  });
  if (news === undefined) {
    return (
      <p className="live-quiet" data-connected={isConnected}>
        {isConnected ? 'Up to date' : 'Waiting for news: the connection is being made again'}
      </p>
    );
  }
  return (
    <div className="live-bar" role="status">
      <span>
        {news.added === 0 ? 'The line has changed' : counted(news.added, 'new report')}
        {news.urgent === 0 ? null : <strong>, {news.urgent} urgent</strong>}
      </span>
      <Button keys="s" isPending={isShowing} onPress={() => void show()}>
        Show
      </Button>
    </div>
  );
}
