import { attribute, type ComplexType, child, choice, many, ref, sequence, text, valued } from './model.ts';

/** The report itself: what happened, where, who reports it. */

const notes = child('additionalInfo', 'text', 'optional');
const content = child('content', 'content', 'optional');

const incidents = {
  webPageIncident: sequence(
    [many('url', 'xs:string', { maxLength: 2083, rules: ['url'], identifier: 'url' }), notes],
    { attributes: [attribute('thirdPartyHostedContent', 'xs:boolean')] },
  ),
  emailIncident: sequence([many('emailAddress', 'email'), content, notes]),
  newsgroupIncident: sequence([text('name'), many('emailAddress', 'email'), content, notes]),
  chatImIncident: sequence([text('chatClient'), text('chatRoomName'), content, notes]),
  onlineGamingIncident: sequence([text('gameName'), text('console'), content, notes]),
  cellPhoneIncident: sequence([
    child('phoneNumber', 'phone', 'optional'),
    child('latitude', 'latlong', 'optional'),
    child('longitude', 'latlong', 'optional'),
    notes,
  ]),
  nonInternetIncident: sequence([text('locationName'), many('incidentAddress', 'address'), notes]),
  peer2peerIncident: sequence([
    text('client'),
    many('ipCaptureEvent', 'ipCaptureEvent'),
    text('fileNames'),
    notes,
  ]),
} as const satisfies Record<string, ComplexType>;

const summary = sequence([
  child('incidentType', 'incidentType', 'one'),
  text('platform', { maxLength: 256 }),
  text('escalateToHighPriority', { maxLength: 3000, rules: ['not-blank'] }),
  child('reportAnnotations', 'reportAnnotations', 'optional'),
  child('incidentDateTime', 'xs:dateTime', 'one'),
  text('incidentDateTimeDescription', { maxLength: 3000 }),
]);

const lawEnforcement = sequence([
  child('agencyName', 'xs:string', 'one', { maxLength: 255 }),
  text('caseNumber', { maxLength: 100 }),
  child('officerContact', 'contactPerson', 'optional', { party: 'officer' }),
  child('reportedToLe', 'reportedToLawEnforcement', 'optional'),
  child('servedLegalProcessDomestic', 'xs:boolean', 'optional'),
  child(
    'servedLegalProcessInternational',
    valued('xs:boolean', [attribute('fleaCountry', 'country')]),
    'optional',
  ),
]);

const reporter = sequence(
  [
    child('reportingPerson', 'person', 'one', { party: 'reporter' }),
    child('contactPerson', 'contactPerson', 'optional', { party: 'contact' }),
    child('companyTemplate', 'text', 'optional'),
    child('termsOfService', 'text', 'optional'),
    text('legalURL', { maxLength: 2083, rules: ['url'] }),
  ],
  { rules: ['reporter-email'] },
);

export const reportElements = {
  report: sequence(
    [
      child('batchedReport', 'batchedReport', 'optional'),
      ref('incidentSummary', 'one'),
      ref('internetDetails', 'many', { party: 'incident-detail' }),
      ref('lawEnforcement', 'optional'),
      ref('reporter', 'one'),
      ref('personOrUserReported', 'many', { party: 'reported-user' }),
      ref('intendedRecipient', 'many', { party: 'recipient' }),
      ref('victim', 'many', { party: 'victim' }),
      notes,
    ],
    { rules: ['one-reported-user', 'incident-details', 'incident-email-of-party'] },
  ),
  incidentSummary: summary,
  internetDetails: choice(Object.keys(incidents).map((name) => ref(name, 'one'))),
  ...incidents,
  lawEnforcement,
  reporter,
} as const satisfies Record<string, ComplexType>;
