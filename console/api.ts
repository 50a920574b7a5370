import type {
  AttentionReply,
  CredentialReply,
  ProviderBody,
  ProviderListReply,
  RegisterReply,
  RotateBody,
  SessionReply,
  SignInBody,
  SignInLinkReply,
  StaffBody,
  StaffListReply,
} from '#contract/administration';
import type { AuditLogReply } from '#contract/audit-log';
import type {
  AuditReply,
  Brief,
  DecisionBody,
  DeskReply,
  LineReply,
  ReopenBody,
  StatusReply,
} from '#contract/desk';
import type { CorrectedReply, NextBody, NextReply, UrgencyBody } from '#contract/order';
import type { Environment, Problem } from '#contract/shapes';
import type {
  AgencyBody,
  AgencyReply,
  AssertionOptionsReply,
  AttestationOptionsReply,
  PasskeyBody,
  PasskeyListReply,
  PasskeyProofBody,
  SessionListReply,
  SignOutReply,
  WaysReply,
} from '#contract/sign-in';

/** Anything but a good answer: problem details (RFC 9457), or no answer at all (status 0). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly problem: Partial<Problem>;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail ?? problem.title ?? 'The bureau could not be reached.');
    this.status = status;
    this.problem = problem;
  }
}

export type Query = Readonly<Record<string, string | number | undefined>>;

export function withQuery(path: string, query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`;
}

/** Asks the person for a fresh proof of who they are; resolves with whether they gave it. */
type ProofAsker = () => Promise<boolean>;
let askForProof: ProofAsker | undefined;

/** The shell says how a fresh proof is asked for while it is there; gives what takes that back. */
export function offerProof(asker: ProofAsker): () => void {
  askForProof = asker;
  return () => {
    if (askForProof === asker) askForProof = undefined;
  };
}

/**
 * A dangerous deed that wants a fresh proof is repeated once when the person gave it. The proof gives the session a new
 * token; what was under way with the old one, in this tab or another, was refused for that and is sent once more.
 */
export async function call<Reply>(method: string, path: string, body?: unknown): Promise<Reply> {
  try {
    return await send<Reply>(method, path, body);
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.code === 'access.session-ended')
      return await send<Reply>(method, path, body);
    const wantsProof = error instanceof ApiProblem && error.problem.code === 'access.step-up-needed';
    if (!wantsProof || askForProof === undefined || !(await askForProof())) throw error;
    return await send<Reply>(method, path, body);
  }
}

/** One call; the server validates, so an answer is taken as the contract's shape. Throws ApiProblem. */
async function send<Reply>(method: string, path: string, body?: unknown): Promise<Reply> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiProblem(0, {});
  }
  const text = await response.text();
  const value = jsonOf(text);
  if (!response.ok) {
    const requestId = response.headers.get('request-id');
    throw new ApiProblem(response.status, {
      ...(requestId === null ? {} : { requestId }),
      ...(typeof value === 'object' && value !== null ? value : {}),
    });
  }
  return value as Reply;
}

function jsonOf(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

const part = encodeURIComponent;
/** What the trip to the agency is for. */
export type AgencyErrand = 'sign-in' | 'renewal';

function agencyPath(errand: AgencyErrand): string {
  return errand === 'sign-in' ? '/v1/session/agency' : '/v1/session/agency/renewal';
}

const report = (reportId: string) => `/v1/desk/reports/${part(reportId)}`;

/** Every call the console makes, named by what it does. */
export const api = {
  /** `isActive`: the person did something just now, which keeps the session awake. */
  session: (isActive = false) =>
    call<SessionReply>('GET', withQuery('/v1/session', { active: isActive ? 'yes' : undefined })),
  ways: () => call<WaysReply>('GET', '/v1/session/ways'),
  signIn: (body: SignInBody) => call<SessionReply>('POST', '/v1/session', body),
  signOut: () => call<SignOutReply>('DELETE', '/v1/session'),
  lock: () => call<unknown>('POST', '/v1/session/lock', {}),
  passkeyChallenge: () => call<AssertionOptionsReply>('GET', '/v1/session/challenge'),
  signInByPasskey: (body: PasskeyProofBody) => call<SessionReply>('POST', '/v1/session/passkey', body),
  renewalChallenge: () => call<AssertionOptionsReply>('GET', '/v1/session/renewal'),
  renewByPasskey: (body: PasskeyProofBody) => call<SessionReply>('POST', '/v1/session/renewal', body),
  agency: (errand: AgencyErrand) => call<AgencyReply>('GET', agencyPath(errand)),
  backFromAgency: (errand: AgencyErrand, body: AgencyBody) =>
    call<SessionReply>('POST', agencyPath(errand), body),

  passkeys: () => call<PasskeyListReply>('GET', '/v1/account/passkeys'),
  newPasskeyChallenge: () => call<AttestationOptionsReply>('GET', '/v1/account/passkeys/challenge'),
  addPasskey: (body: PasskeyBody) => call<SessionReply>('POST', '/v1/account/passkeys', body),
  renamePasskey: (id: string, name: string) =>
    call<unknown>('PATCH', `/v1/account/passkeys/${part(id)}`, { name }),
  removePasskey: (id: string) => call<unknown>('DELETE', `/v1/account/passkeys/${part(id)}`),
  sessions: () => call<SessionListReply>('GET', '/v1/account/sessions'),
  endSession: (id: string) => call<unknown>('DELETE', `/v1/account/sessions/${part(id)}`),
  endOtherSessions: () => call<{ ended: number }>('POST', '/v1/account/sessions/end', {}),

  line: (query: Query) => call<LineReply>('GET', withQuery('/v1/desk/line', query)),
  /** `why` only where the bureau asked what the report is opened for. */
  brief: (reportId: string, why?: string) => call<Brief>('GET', withQuery(report(reportId), { why })),
  take: (reportId: string) => call<DeskReply>('POST', `${report(reportId)}/take`, {}),
  release: (reportId: string) => call<DeskReply>('POST', `${report(reportId)}/release`, {}),
  decide: (reportId: string, body: DecisionBody) =>
    call<DeskReply>('POST', `${report(reportId)}/decision`, body),
  undo: (reportId: string) => call<DeskReply>('POST', `${report(reportId)}/undo`, {}),
  next: (body: NextBody) => call<NextReply>('POST', '/v1/desk/next', body),
  correctUrgency: (reportId: string, body: UrgencyBody) =>
    call<CorrectedReply>('POST', `${report(reportId)}/urgency`, body),
  reopen: (reportId: string, body: ReopenBody) => call<DeskReply>('POST', `${report(reportId)}/reopen`, body),
  reportAudit: (reportId: string, query: Query) =>
    call<AuditReply>('GET', withQuery(`${report(reportId)}/audit`, query)),

  audit: (query: Query) => call<AuditReply>('GET', withQuery('/v1/desk/audit', query)),
  auditLog: () => call<AuditLogReply>('GET', '/v1/desk/audit-log'),
  register: () => call<RegisterReply>('GET', '/v1/desk/register'),
  status: (environment: Environment = 'production') =>
    call<StatusReply>('GET', withQuery('/v1/desk/status', { environment })),

  attention: () => call<AttentionReply>('GET', '/v1/desk/attention'),
  retry: (attentionId: string) => call<unknown>('POST', `/v1/desk/attention/${part(attentionId)}/retry`, {}),

  providers: () => call<ProviderListReply>('GET', '/v1/desk/providers'),
  addProvider: (body: ProviderBody) => call<CredentialReply>('POST', '/v1/desk/providers', body),
  rotateProvider: (id: string, body: RotateBody) =>
    call<CredentialReply>('POST', `/v1/desk/providers/${part(id)}/rotate`, body),
  suspendProvider: (id: string) => call<unknown>('POST', `/v1/desk/providers/${part(id)}/suspend`, {}),
  resumeProvider: (id: string) => call<unknown>('POST', `/v1/desk/providers/${part(id)}/resume`, {}),

  staff: () => call<StaffListReply>('GET', '/v1/desk/staff'),
  addStaff: (body: StaffBody) => call<SignInLinkReply>('POST', '/v1/desk/staff', body),
  linkStaff: (id: string) => call<SignInLinkReply>('POST', `/v1/desk/staff/${part(id)}/link`, {}),
  staffSessions: (id: string) => call<SessionListReply>('GET', `/v1/desk/staff/${part(id)}/sessions`),
  endStaffSessions: (id: string) =>
    call<{ ended: number }>('POST', `/v1/desk/staff/${part(id)}/sessions/end`, {}),
  disableStaff: (id: string) => call<unknown>('POST', `/v1/desk/staff/${part(id)}/disable`, {}),
};

/** Where changes of the line of one environment are announced, see `LiveTick`. */
export function liveAddress(environment: Environment): string {
  return withQuery('/v1/desk/live', { environment });
}
