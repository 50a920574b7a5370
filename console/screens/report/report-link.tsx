import { Link } from '@tanstack/react-router';

/** To another report, with the line's filters kept. */
export function ReportLink({ reportId }: { readonly reportId: string }) {
  return (
    <Link to="/reports/$reportId" params={{ reportId }} search={true}>
      {reportId}
    </Link>
  );
}
