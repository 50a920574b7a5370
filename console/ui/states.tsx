import type { ReactNode } from 'react';
import { ApiProblem } from '../api.ts';
import { PasskeyProblem } from '../passkeys.ts';
import { Button } from './button.tsx';
import { Raw } from './raw-text.tsx';
import { momentText } from './time.tsx';
import { plainWords, sentenceCase } from './words.ts';

/** Still waiting for the first answer. */
export function Loading({ what, rows = 6 }: { readonly what: string; readonly rows?: number }) {
  return (
    <div className="skeleton" role="status" aria-label={`Loading ${what}`}>
      {Array.from({ length: rows }, (_, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: the bones are all alike and never move
          key={index}
          className={index % 3 === 0 ? 'bone short' : index % 3 === 1 ? 'bone' : 'bone middle'}
        />
      ))}
    </div>
  );
}

/** Nothing there, and what to do about it. */
export function Empty({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="state">
      <h2>{title}</h2>
      <div>{children}</div>
    </div>
  );
}

/** What a person can do about a failed call, by what kind of failure it was. */
function adviceFor(error: unknown): string {
  if (!(error instanceof ApiProblem))
    return 'Something in this page went wrong. Reload it; if it happens again, tell the administrator.';
  if (error.status === 0) return 'The bureau does not answer. Check that you are connected, then try again.';
  if (error.status === 401) return 'Sign in again.';
  if (error.status === 403)
    return 'If your work needs it, ask an administrator for the role; the menu shows what yours opens.';
  if (error.status === 404) return 'Check the number, or go back to the line.';
  if (error.status === 409) return 'Reload to see what changed, then decide again.';
  if (error.status === 429 || error.status === 503)
    return 'The bureau is busy. Wait a moment, then try again.';
  if (error.status >= 500)
    return 'Try again. If it happens twice, give the administrator the request number below.';
  return 'Correct what is named above, then try again.';
}

/** Refusals bring their own advice, by the house rule for messages; faults, silence and a missing role bring none. */
function needsAdvice(error: unknown): boolean {
  if (error instanceof PasskeyProblem) return false;
  if (!(error instanceof ApiProblem) || error.problem.code === 'access.not-permitted') return true;
  return error.status === 0 || error.status === 500 || error.problem.code === undefined;
}

/** Facts beside a refusal that a person can use, such as who has the report; what is for machines is left out. */
function factsBeside(details: Readonly<Record<string, unknown>> | undefined): [string, string][] {
  return Object.entries(details ?? {}).flatMap(([name, value]): [string, string][] => {
    if (
      name === 'subject' ||
      name === 'retryAfterSeconds' ||
      typeof value === 'object' ||
      typeof value === 'boolean'
    )
      return [];
    const text = String(value);
    return [[sentenceCase(plainWords(name)), /^\d{4}-\d{2}-\d{2}T/.test(text) ? momentText(text) : text]];
  });
}

interface ProblemProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
}

/** A failed call: what happened, what to do next, and the number under which the bureau logged it. */
export function ProblemNote({ error, onRetry }: ProblemProps) {
  const problem = error instanceof ApiProblem ? error.problem : {};
  // Trying again changes no role, and leaves one more refusal in the audit trail.
  const isForbidden = error instanceof ApiProblem && error.problem.code === 'access.not-permitted';
  const title =
    (error instanceof PasskeyProblem ? error.message : problem.title) ??
    (error instanceof ApiProblem && error.status === 0 ? 'No connection to the bureau' : 'This did not work');
  return (
    <div className="problem" role="alert">
      <strong>{title}</strong>
      {problem.detail === undefined || problem.detail === title ? null : <p>{problem.detail}</p>}
      {(problem.defects ?? []).length === 0 ? null : (
        <ul>
          {(problem.defects ?? []).map((defect) => (
            <li key={`${defect.element} ${defect.rule}`}>
              <code>{defect.element}</code>: {defect.message}
            </li>
          ))}
        </ul>
      )}
      {factsBeside(problem.details).map(([name, text]) => (
        <p key={name}>
          {name}: <Raw text={text} />
        </p>
      ))}
      {needsAdvice(error) ? <p>{adviceFor(error)}</p> : null}
      {problem.requestId === undefined ? null : (
        <p className="small quiet">
          Request <code>{problem.requestId}</code>
          {problem.code === undefined ? null : (
            <>
              {' '}
              · <code>{problem.code}</code>
            </>
          )}
        </p>
      )}
      {onRetry === undefined || isForbidden ? null : <Button onPress={onRetry}>Try again</Button>}
    </div>
  );
}
