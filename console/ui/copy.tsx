import { useEffect, useState } from 'react';
import { Button } from 'react-aria-components';
import { announce } from './announce.tsx';

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // The clipboard is closed to pages without https; the older way works there.
    const area = document.createElement('textarea');
    area.value = text;
    area.className = 'visually-hidden';
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    return isCopied;
  }
}

const copyShape = 'M5 1h9v10h-2v-1.5h.5v-7h-6V3H5ZM2 4h8v11H2Zm1.5 1.5v8h5v-8Z';
const doneShape = 'M6.4 12.6 2 8.2l1.6-1.6 2.8 2.8 6-6L14 5Z';

/** Copies one value. `what` names it for the button's label: "Copy SHA-256". */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setDone(false), 2000);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = async () => {
    const isCopied = await copyText(text);
    setDone(isCopied);
    announce(isCopied ? `${what} copied` : `${what} could not be copied; select it and copy by hand`);
  };
  return (
    <Button
      className={isDone ? 'icon-button is-done' : 'icon-button'}
      aria-label={`Copy ${what}`}
      onPress={() => void copy()}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={isDone ? doneShape : copyShape} fill="currentColor" fillRule="evenodd" />
      </svg>
    </Button>
  );
}
