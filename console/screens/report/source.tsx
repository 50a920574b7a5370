import { createContext, use } from 'react';
import { shortPlace } from './sent-places.ts';

/** A place in what was sent that somebody asked to see; `times` tells two askings apart. */
export interface Source {
  readonly path: string;
  readonly line: number | undefined;
  readonly times: number;
}

type Show = (path: string, line: number | undefined) => void;

/** Lets every fact of the brief lead to where it stands in the document; absent, a fact only names its place. */
export const ShowSource = createContext<Show | undefined>(undefined);

interface FromProps {
  readonly path: string;
  readonly line?: number | undefined;
}

/** Where a fact came from: element path and line; leads to that place under "Everything sent". */
export function From({ path, line }: FromProps) {
  const show = use(ShowSource);
  const words = (
    <>
      <code>{shortPlace(path)}</code>
      {line === undefined ? null : <span className="from-line">line {line}</span>}
    </>
  );
  if (show === undefined) {
    return (
      <span className="from" title={path}>
        {words}
      </span>
    );
  }
  return (
    <button
      type="button"
      className="from"
      title={path}
      aria-label={`Show in what was sent: ${path}${line === undefined ? '' : `, line ${line}`}`}
      onClick={() => show(path, line)}
    >
      {words}
    </button>
  );
}
