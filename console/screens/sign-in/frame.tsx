import { useSuspenseQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { waysQuery } from '../../session.ts';
import { BrandMark, DemonstrationBand } from '../../shell/brand.tsx';
import './sign-in.css';

/** Around every page for people who are not, or not quite, signed in. */
export function SignInFrame({ children }: { readonly children: ReactNode }) {
  const { data: ways } = useSuspenseQuery(waysQuery);
  return (
    <div className="frame">
      {ways.bureau.isDemonstration ? <DemonstrationBand /> : null}
      <main className="sign-in" id="main" tabIndex={-1}>
        <p className="sign-in-brand">
          <BrandMark />
          Firstlight
        </p>
        {children}
      </main>
    </div>
  );
}
