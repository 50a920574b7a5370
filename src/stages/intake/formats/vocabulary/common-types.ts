import {
  all,
  attribute,
  type ComplexType,
  child,
  empty,
  flag,
  many,
  mark,
  sequence,
  text,
  valued,
} from './model.ts';

/** Types that stand in several places of a report. Lengths are the documented ones (domain.md 1.3, of 2025-06-11). */

const personNames = [text('firstName', { maxLength: 100 }), text('lastName', { maxLength: 100 })] as const;
const personContacts = [many('phone', 'phone'), many('email', 'email'), many('address', 'address')] as const;

const verification = [
  attribute('verified', 'xs:boolean'),
  attribute('verificationDate', 'xs:dateTime'),
] as const;

const disabling = [
  attribute('disabledDate', 'xs:dateTime'),
  attribute('userNotified', 'xs:boolean'),
  attribute('userNotifiedDate', 'xs:dateTime'),
] as const;

export const commonTypes = {
  text: valued('xs:string'),
  content: valued('xs:string'),
  screenName: valued('xs:string'),
  reportedToLawEnforcement: valued('xs:boolean'),
  batchedReport: empty([attribute('reason', 'batchedReportReason', { isRequired: true })]),
  reportAnnotations: all(
    [
      mark('sextortion'),
      mark('csamSolicitation'),
      mark('minorToMinorInteraction'),
      mark('spam'),
      mark('sadisticOnlineExploitation'),
    ],
    { isOpen: true },
  ),
  person: sequence(
    [
      ...personNames,
      ...personContacts,
      child('age', 'xs:int', 'optional', { rules: ['age'] }),
      child('dateOfBirth', 'xs:date', 'optional', { identifier: 'date-of-birth' }),
    ],
    { identifier: 'name' },
  ),
  contactPerson: sequence([...personNames, ...personContacts], { identifier: 'name' }),
  address: sequence(
    [
      text('address', { maxLength: 255 }),
      text('city', { maxLength: 100 }),
      text('zipCode', { maxLength: 20 }),
      child('state', 'state', 'optional'),
      text('nonUsaState', { maxLength: 100 }),
      child('country', 'country', 'optional'),
    ],
    { attributes: [attribute('type', 'addressType')], rules: ['us-state-in-us'], identifier: 'address' },
  ),
  email: valued('xs:string', [attribute('type', 'emailType'), ...verification], {
    rules: ['verification-needs-verified'],
    maxLength: 255,
    valueRules: ['email-address'],
    identifier: 'email',
  }),
  phone: valued(
    'xs:string',
    [
      attribute('type', 'phoneType'),
      ...verification,
      attribute('countryCallingCode', 'phoneCountryCallingCode'),
      attribute('extension', 'phoneExtension', { maxLength: 10 }),
    ],
    { rules: ['verification-needs-verified'], maxLength: 50, identifier: 'phone' },
  ),
  ipCaptureEvent: sequence(
    [
      child('ipAddress', 'xs:string', 'one', { rules: ['ip-address'] }),
      child('eventName', 'ipCaptureType', 'optional'),
      child('dateTime', 'xs:dateTime', 'optional'),
      flag('possibleProxy'),
      child('port', 'xs:int', 'optional', { rules: ['port'] }),
    ],
    { identifier: 'ip' },
  ),
  deviceId: sequence(
    [
      child('idType', 'xs:string', 'one', { maxLength: 255 }),
      child('idValue', 'xs:string', 'one', { maxLength: 2083 }),
      child('eventName', 'ipCaptureType', 'optional'),
      child('dateTime', 'xs:dateTime', 'optional'),
    ],
    { identifier: 'device' },
  ),
  estimatedLocation: sequence([text('city'), text('region'), child('countryCode', 'country', 'optional')], {
    attributes: [attribute('verified', 'xs:boolean'), attribute('timestamp', 'xs:dateTime')],
    rules: ['country-needed', 'us-region'],
  }),
  accountTemporarilyDisabled: valued('xs:boolean', [...disabling, attribute('reenabledDate', 'xs:dateTime')]),
  accountPermanentlyDisabled: valued('xs:boolean', [...disabling]),
} as const satisfies Record<string, ComplexType>;
