import { useEffect, useState } from 'react';
import { announce } from './announce.tsx';
import { Button } from './button.tsx';

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

/** Copies one value. `what` names it for the button's label: "Copy SHA-256". */
export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  const [said, setSaid] = useState<string>();
  useEffect(() => {
    if (said === undefined) return;
    const timer = setTimeout(() => setSaid(undefined), 2000);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => {
    const isCopied = await copyText(text);
    setSaid(isCopied ? 'Copied' : 'Select and copy by hand');
    announce(isCopied ? `${what} copied` : `${what} could not be copied; select it and copy by hand`);
  };
  return (
    <Button look="plain" label={`Copy ${what}`} onPress={() => void copy()}>
      {said ?? 'Copy'}
    </Button>
  );
}
