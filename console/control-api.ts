import type { SessionReply } from '#contract/administration';
import type {
  EmergencyBody,
  EmergencyListReply,
  EmergencyReply,
  EmergencyReviewBody,
  EmergencySignInBody,
  NoticesReply,
  Proposal,
  ProposalBody,
  ProposalListReply,
} from '#contract/control';
import type {
  LookUp,
  LookUpListReply,
  MarkBody,
  SampleBody,
  SampleListReply,
  SampleReply,
  UnusualNumbersReply,
  WatchBody,
  WatchListReply,
} from '#contract/oversight';
import type {
  DueListReply,
  ErasureListReply,
  Hold,
  HoldBody,
  HoldListReply,
  ReportRetention,
  RetentionReply,
} from '#contract/retention';
import { call, type Query, withQuery } from './api.ts';

const part = encodeURIComponent;
const oversight = (path: string) => `/v1/desk/oversight/${path}`;

/** Calls about what takes two people, emergencies, the auditor's oversight, and how long reports are kept. */
export const controlApi = {
  notices: () => call<NoticesReply>('GET', '/v1/desk/notices'),

  proposals: (query: Query) => call<ProposalListReply>('GET', withQuery('/v1/desk/proposals', query)),
  propose: (body: ProposalBody) => call<Proposal>('POST', '/v1/desk/proposals', body),
  approve: (proposal: Proposal) =>
    call<Proposal>('POST', `/v1/desk/proposals/${part(proposal.id)}/approval`, { digest: proposal.digest }),
  decline: (proposal: Proposal, note: string) =>
    call<Proposal>('POST', `/v1/desk/proposals/${part(proposal.id)}/decline`, {
      digest: proposal.digest,
      note,
    }),
  withdraw: (proposal: Proposal) =>
    call<Proposal>('POST', `/v1/desk/proposals/${part(proposal.id)}/withdrawal`, {}),

  signInByCode: (body: EmergencySignInBody) => call<SessionReply>('POST', '/v1/session/emergency', body),
  emergencies: (query: Query) => call<EmergencyListReply>('GET', withQuery('/v1/desk/emergencies', query)),
  takeEmergency: (body: EmergencyBody) => call<EmergencyReply>('POST', '/v1/desk/emergencies', body),
  endEmergency: (id: string) => call<unknown>('POST', `/v1/desk/emergencies/${part(id)}/end`, {}),
  reviewEmergency: (id: string, body: EmergencyReviewBody) =>
    call<unknown>('POST', `/v1/desk/emergencies/${part(id)}/review`, body),

  lookUps: (query: Query) => call<LookUpListReply>('GET', withQuery(oversight('look-ups'), query)),
  markLookUp: (id: string, body: MarkBody) =>
    call<LookUp>('POST', oversight(`look-ups/${part(id)}/mark`), body),
  unusual: () => call<UnusualNumbersReply>('GET', oversight('unusual-numbers')),
  watchList: (query: Query) => call<WatchListReply>('GET', withQuery(oversight('watch-list'), query)),
  watch: (body: WatchBody) => call<{ id: string }>('POST', oversight('watch-list'), body),
  stopWatching: (id: string) => call<unknown>('POST', oversight(`watch-list/${part(id)}/removal`), {}),
  samples: () => call<SampleListReply>('GET', oversight('samples')),
  drawSample: (body: SampleBody) => call<SampleReply>('POST', oversight('samples'), body),
  sample: (id: string) => call<SampleReply>('GET', oversight(`samples/${part(id)}`)),

  retention: () => call<RetentionReply>('GET', '/v1/desk/retention'),
  due: (query: Query) => call<DueListReply>('GET', withQuery('/v1/desk/retention/due', query)),
  holds: (query: Query) => call<HoldListReply>('GET', withQuery('/v1/desk/retention/holds', query)),
  erasures: (query: Query) => call<ErasureListReply>('GET', withQuery('/v1/desk/retention/erasures', query)),
  reportRetention: (reportId: string) =>
    call<ReportRetention>('GET', `/v1/desk/reports/${part(reportId)}/retention`),
  placeHold: (reportId: string, body: HoldBody) =>
    call<Hold>('POST', `/v1/desk/reports/${part(reportId)}/holds`, body),
};

/** Where a report's destruction certificate is downloaded from. */
export function certificateAddress(reportId: string): string {
  return `/v1/desk/reports/${part(reportId)}/certificate`;
}
