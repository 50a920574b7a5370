import { Link } from '@tanstack/react-router';
import { ProblemNote } from '../ui/states.tsx';
import { useTitle } from './title.ts';

/** A screen that could not be shown at all. */
export function PageProblem({ error, reset }: { readonly error: unknown; readonly reset?: () => void }) {
  useTitle('This screen could not be shown');
  return (
    <main className="page" id="main" tabIndex={-1}>
      <h1>This screen could not be shown</h1>
      <div className="state">
        <ProblemNote error={error} onRetry={() => (reset === undefined ? location.reload() : reset())} />
      </div>
    </main>
  );
}

export function NotFound() {
  useTitle('No such page');
  return (
    <main className="page" id="main" tabIndex={-1}>
      <h1>There is no page at this address</h1>
      <div className="state">
        <p>Check the address, or start again from the first screen.</p>
        <Link to="/" className="button">
          Go to the first screen
        </Link>
      </div>
    </main>
  );
}
