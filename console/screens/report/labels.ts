/** Words for the vocabulary of what services send. Whatever is missing here is shown in its own name, spaced. */

export const roleWords: Readonly<Record<string, string>> = {
  reporter: 'Reporting person at the service',
  contact: 'Contact at the service',
  officer: 'Officer named by the service',
  'reported-user': 'Reported user',
  recipient: 'Intended recipient',
  victim: 'Child or victim, as the service says',
  'associated-account': 'Associated account',
  'incident-detail': 'Where it happened',
  report: 'Named by the report, of nobody in particular',
};

export const identifierWords: Readonly<Record<string, string>> = {
  email: 'E-mail',
  phone: 'Phone',
  ip: 'IP address',
  device: 'Device',
  'provider-account': 'Account at the service',
  'screen-name': 'Screen name',
  'display-name': 'Display name',
  'profile-url': 'Profile address',
  url: 'Web address',
  group: 'Group',
  name: 'Name',
  'date-of-birth': 'Date of birth',
  address: 'Postal address',
  payment: 'Payment',
};

/** What was said beside an identifier; whatever is missing here is spaced. */
export const attributeWords: Readonly<Record<string, string>> = {
  eventName: 'event',
  dateTime: 'at',
  possibleProxy: 'possible proxy:',
  verified: 'verified:',
  verificationDate: 'verified on',
  countryCallingCode: 'country code',
};
