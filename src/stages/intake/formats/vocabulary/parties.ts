import {
  attribute,
  type Child,
  type ComplexType,
  child,
  flag,
  many,
  sequence,
  text,
  valued,
} from './model.ts';

/** Whom a report is about: the reported user, recipients, victims, and accounts associated with them. */

const service = [
  text('espIdentifier', { maxLength: 255, identifier: 'provider-account' }),
  text('espService', { maxLength: 100 }),
] as const;

const compromised = flag('compromisedAccount');
const screenName = child('screenName', 'screenName', 'optional', {
  maxLength: 256,
  identifier: 'screen-name',
});
const displayNames = many('displayName', 'xs:string', { maxLength: 255, identifier: 'display-name' });
const profileUrls = many('profileUrl', 'xs:string', {
  maxLength: 2083,
  rules: ['url'],
  identifier: 'profile-url',
});
const profileBio = child('profileBio', 'text', 'optional');

const profile = [...service, compromised, screenName, displayNames, profileUrls, profileBio] as const;
const captures = [many('ipCaptureEvent', 'ipCaptureEvent'), many('deviceId', 'deviceId')] as const;
const priorReports = many('priorCTReports', 'xs:long', { rules: ['report-number'] });
const group = text('groupIdentifier', { maxLength: 255, identifier: 'group' });

const disabled = [
  child('accountTemporarilyDisabled', 'accountTemporarilyDisabled', 'optional'),
  child('accountPermanentlyDisabled', 'accountPermanentlyDisabled', 'optional'),
] as const;

const location: Child = child('estimatedLocation', 'estimatedLocation', 'optional');
const allEmails = flag('allEmailsReported');
const associatedAccounts = many('associatedAccount', 'associatedAccount', { party: 'associated-account' });
const notes = child('additionalInfo', 'text', 'optional');

export const partyElements = {
  personOrUserReported: sequence([
    child('personOrUserReportedPerson', 'person', 'optional'),
    text('vehicleDescription', { maxLength: 300 }),
    ...profile,
    ...captures,
    flag('thirdPartyUserReported'),
    priorReports,
    group,
    ...disabled,
    location,
    allEmails,
    associatedAccounts,
    notes,
  ]),
  intendedRecipient: sequence([
    child('intendedRecipientPerson', 'person', 'optional'),
    ...profile,
    ...captures,
    priorReports,
    group,
    ...disabled,
    location,
    allEmails,
    many('additionalInfo', 'text'),
  ]),
  victim: sequence([
    child('victimPerson', 'person', 'one'),
    ...profile,
    ...captures,
    text('schoolName', { maxLength: 255 }),
    priorReports,
    ...disabled,
    location,
    allEmails,
    associatedAccounts,
    notes,
  ]),
} as const satisfies Record<string, ComplexType>;

export const partyTypes = {
  associatedAccount: sequence(
    [
      child('platform', valued('xs:string', [attribute('thirdPartyUser', 'xs:boolean')]), 'optional', {
        maxLength: 256,
      }),
      text('firstName', { maxLength: 100 }),
      text('middleName', { maxLength: 100 }),
      text('lastName', { maxLength: 100 }),
      child('approximateAge', 'xs:int', 'optional', { rules: ['age'] }),
      child('dateOfBirth', 'xs:date', 'optional', { identifier: 'date-of-birth' }),
      many('phone', 'phone'),
      many('email', 'email'),
      allEmails,
      many('address', 'address'),
      text('espService', { maxLength: 100 }),
      text('espIdentifier', { maxLength: 255, identifier: 'provider-account' }),
      profileUrls,
      screenName,
      displayNames,
      profileBio,
      group,
      compromised,
      ...disabled,
      ...captures,
      many('priorCTReport', 'xs:long', { rules: ['report-number'] }),
      notes,
    ],
    {
      attributes: [attribute('type', 'associatedAccountType', { isRequired: true })],
      rules: ['age-or-birth-date'],
      identifier: 'name',
    },
  ),
} as const satisfies Record<string, ComplexType>;
