/** The incident types of the reporting protocol, as they are sent and stored. */
export const incidentTypes = [
  'Child Pornography (possession, manufacture, and distribution)',
  'Child Sex Trafficking',
  'Child Sex Tourism',
  'Child Sexual Molestation',
  'Misleading Domain Name',
  'Misleading Words or Digital Images on the Internet',
  'Online Enticement of Children for Sexual Acts',
  'Unsolicited Obscene Material Sent to a Child',
] as const;

export type IncidentType = (typeof incidentTypes)[number];

/** Short labels for people. */
export const incidentTypeLabels: Readonly<Record<IncidentType, string>> = {
  'Child Pornography (possession, manufacture, and distribution)': 'Sexual abuse material',
  'Child Sex Trafficking': 'Sex trafficking of a child',
  'Child Sex Tourism': 'Sexual exploitation while travelling',
  'Child Sexual Molestation': 'Sexual abuse of a child',
  'Misleading Domain Name': 'Misleading domain name',
  'Misleading Words or Digital Images on the Internet': 'Misleading words or pictures',
  'Online Enticement of Children for Sexual Acts': 'Online enticement',
  'Unsolicited Obscene Material Sent to a Child': 'Obscene material sent to a child',
};
