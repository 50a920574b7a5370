import { type Answer, type Ctx, defineRoute, type Route } from '#access';
import type { IntakeParts } from './intake-parts.ts';
import { reportIdOf, reportParams } from './report-params.ts';
import { showReceipt } from './show-receipt.ts';

async function receiptAnswer(ctx: Ctx, params: { readonly reportId: string }): Promise<Answer> {
  const reportId = reportIdOf(params);
  const { reference, receipt } = await showReceipt(ctx, { reportId });
  return {
    // RFC 7515, section 9.2.1.
    headers: {
      'content-type': 'application/jose',
      'content-disposition': `attachment; filename="receipt-${reference}.jws"`,
    },
    body: receipt,
    subject: `report:${reportId}`,
  };
}

/** For the service that sent the report. */
export function receiptRoute(parts: IntakeParts): Route {
  return defineRoute({
    method: 'GET',
    path: '/reports/:reportId/receipt',
    permission: 'intake:send',
    audit: 'read-receipt',
    summary: 'The signed receipt of a filed report of your own, exactly as it was made.',
    params: reportParams,
    admission: parts.gate.admit('plain'),
    handle: async (ctx, { params }) => await receiptAnswer(ctx, params),
  });
}

/** For staff, who may read every report. */
export const deskReceiptRoute: Route = defineRoute({
  method: 'GET',
  path: '/desk/reports/:reportId/receipt',
  permission: 'report:read',
  audit: 'read-receipt',
  summary: 'The signed receipt of a report, exactly as its service has it',
  params: reportParams,
  handle: async (ctx, { params }) => await receiptAnswer(ctx, params),
});
