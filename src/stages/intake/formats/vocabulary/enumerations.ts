import { incidentTypes } from '#base/incident-types';
import type { SimpleType } from './model.ts';

/** The simple types of the protocol: closed lists of values and two patterns. */

/** ISO 3166-1 alpha-2 codes with the withdrawn and pseudo codes that geolocation tables use, and the empty value. */
const countryCodes =
  ` A1 A2 AD AE AF AG AI AL AM AN AO AP AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM
BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH
ER ES ET EU FI FJ FK FM FO FR FX GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL
IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG
MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ O1 OM PA PE PF PG PH PK PL PM
PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ
TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW`.split(/\s/);

/** Postal codes of the states of the USA, its capital district and some of its territories, and the empty value. */
const stateCodes =
  ` AK AL AR AZ CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH
NJ NM NV NY OH OK OR PA PR RI SC SD TN TX UT VA VI VT WA WI WV WY`.split(/\s/);

function oneOf(values: readonly string[]): SimpleType {
  return { base: 'xs:string', values };
}

export const simpleTypes = {
  incidentType: oneOf(incidentTypes),
  batchedReportReason: oneOf(['VIRAL_POTENTIAL_MEME']),
  ipCaptureType: oneOf(['Login', 'Registration', 'Purchase', 'Upload', 'Other', 'Unknown']),
  addressType: oneOf(['Home', 'Business', 'Billing', 'Shipping', 'Technical']),
  emailType: oneOf(['Home', 'Work', 'Business', 'Recovery']),
  phoneType: oneOf(['Mobile', 'Home', 'Business', 'Work', 'Fax', 'Internet', 'Recovery']),
  phoneCountryCallingCode: { base: 'xs:string', pattern: '\\+[0-9]{1,3}' },
  phoneExtension: { base: 'xs:string', pattern: '[0-9]+' },
  latlong: { base: 'xs:double' },
  associatedAccountType: oneOf(['Billing', 'Linked', 'Business', 'Creator', 'Parent/Guardian', 'Other']),
  fileRelevance: oneOf(['Reported', 'Supplemental Reported']),
  fileClassification: oneOf(['A1', 'A2', 'B1', 'B2']),
  metadataTypes: oneOf(['EXIF', 'HASH']),
  country: oneOf(countryCodes),
  state: oneOf(stateCodes),
} as const satisfies Record<string, SimpleType>;
