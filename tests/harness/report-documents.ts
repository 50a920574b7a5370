/** Small documents for tests: each part can be given, so that a test shows only what matters. */

export interface ReportParts {
  /** Children of incidentSummary between the type and the time. */
  readonly summary?: string;
  readonly incidentType?: string;
  readonly incidentDateTime?: string;
  /** What stands before the summary. */
  readonly before?: string;
  /** What stands between the summary and the reporter: internetDetails, lawEnforcement. */
  readonly details?: string;
  readonly reportingPerson?: string;
  /** Children of reporter after the reporting person. */
  readonly reporter?: string;
  /** What stands after the reporter. */
  readonly after?: string;
}

/** A report that is accepted without a warning, as long as nothing is given that is not. */
export function aReport(parts: ReportParts = {}): Uint8Array {
  const {
    summary = '',
    incidentType = 'Online Enticement of Children for Sexual Acts',
    incidentDateTime = '2026-03-01T10:00:00Z',
    before = '',
    details = '<internetDetails><chatImIncident/></internetDetails>',
    reportingPerson = '<email>trust@harbour-chat.example</email>',
    reporter = '',
    after = '',
  } = parts;
  return bytesOf(
    `<report>${before}<incidentSummary><incidentType>${incidentType}</incidentType>${summary}` +
      `<incidentDateTime>${incidentDateTime}</incidentDateTime></incidentSummary>${details}` +
      `<reporter><reportingPerson>${reportingPerson}</reportingPerson>${reporter}</reporter>${after}</report>`,
  );
}

/** A report about one user with these children. */
export function aReportOn(user: string): Uint8Array {
  return aReport({ after: `<personOrUserReported>${user}</personOrUserReported>` });
}

/** File details that are accepted without a warning, as long as nothing is given that is not. */
export function someFileDetails(children = ''): Uint8Array {
  return bytesOf(
    `<fileDetails><reportId>1000002</reportId><fileId>b0754af766b426f2928a02c651ed4b99</fileId>${children}</fileDetails>`,
  );
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
