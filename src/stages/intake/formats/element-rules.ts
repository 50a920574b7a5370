import type { DefectCollection, Finding } from './defect-collection.ts';
import { childOf, childrenOf, textOf, type Visit } from './document-walk.ts';
import type { SentNode } from './report-draft.ts';
import { isTrue } from './simple-values.ts';
import { simpleTypes } from './vocabulary/enumerations.ts';
import type { ElementRule } from './vocabulary/model.ts';

type Report = (element: string, node: SentNode, finding: Finding) => void;

/** Countries in whose addresses a state code of the USA makes sense: the USA and its territories (ISO 3166-1). */
const unitedStates: ReadonlySet<string> = new Set(['US', 'AS', 'GU', 'MP', 'PR', 'UM', 'VI']);
const stateCodes: ReadonlySet<string> = new Set(simpleTypes.state.values);

/** The documented rules about an element with its attributes and children (domain.md sections 1.3, 1.4 and 7). */
const elementRules: Record<ElementRule, (visit: Visit, report: Report) => void> = {
  'verification-needs-verified': ({ node, path }, report) => {
    const { verified, verificationDate } = node.attributes ?? {};
    if (verificationDate === undefined || isTrue(verified)) return;
    report(`${path}/@verificationDate`, node, {
      rule: 'verification-needs-verified',
      message: 'A verification date needs verified="true"; send both or neither.',
    });
  },
  'age-or-birth-date': ({ node, path }, report) => {
    if (childOf(node, 'approximateAge') === undefined) return;
    const birth = childOf(node, 'dateOfBirth');
    if (birth === undefined) return;
    report(`${path}/dateOfBirth`, birth, {
      rule: 'age-or-birth-date',
      message: 'Send approximateAge or dateOfBirth, not both; the date says more.',
    });
  },
  'us-state-in-us': stateInUnitedStates,
  'country-needed': ({ node, path }, report) => {
    if (childOf(node, 'countryCode') !== undefined) return;
    report(path, node, {
      rule: 'country-needed',
      message: 'An estimated location needs its countryCode; add it or leave the location out.',
    });
  },
  'us-region': ({ node, path }, report) => {
    const region = childOf(node, 'region');
    if (region === undefined || textOf(node, 'countryCode') !== 'US') return;
    if (stateCodes.has((region.value ?? '').trim())) return;
    report(`${path}/region`, region, {
      rule: 'us-region',
      message: 'Within the USA the region is a state’s two-letter postal code, such as CA.',
    });
  },
  'exif-needs-viewed': ({ node, path }, report) => {
    const exif = childOf(node, 'exifViewedByEsp');
    if (exif === undefined || !isTrue(exif.value) || isTrue(textOf(node, 'fileViewedByEsp'))) return;
    report(`${path}/exifViewedByEsp`, exif, {
      rule: 'exif-needs-viewed',
      message: 'If the metadata was viewed then fileViewedByEsp must be true as well.',
    });
  },
  'supplemental-excludes': supplementalExcludes,
  'one-reported-user': ({ node }, report) => {
    if (childOf(node, 'batchedReport') !== undefined) return;
    const second = (node.children ?? []).filter((child) => child.name === 'personOrUserReported')[1];
    if (second === undefined) return;
    report('report/personOrUserReported[2]', second, {
      rule: 'one-reported-user',
      message: 'One reported user per report, unless it is batched; send the others as reports of their own.',
    });
  },
  'incident-details': ({ node, path }, report) => {
    if (childOf(node, 'internetDetails') !== undefined || childOf(node, 'batchedReport') !== undefined)
      return;
    report(path, node, {
      rule: 'incident-details',
      message: 'The report does not say where it happened; internetDetails make it easier to act on.',
      isWarning: true,
    });
  },
  'reporter-email': ({ node, path }, report) => {
    const person = childOf(node, 'reportingPerson');
    if (person?.children?.some((child) => child.name === 'email' && (child.value ?? '').trim() !== ''))
      return;
    report(`${path}/reportingPerson`, person ?? node, {
      rule: 'reporter-email',
      message: 'The reporting person has no e-mail address; add one, so that questions can reach you.',
      isWarning: true,
    });
  },
  'incident-email-of-party': incidentEmailOfParty,
};

/** Adds what the rules of this element find. */
export function checkElement(visit: Visit, into: DefectCollection): void {
  for (const rule of visit.spec.type.rules) {
    elementRules[rule](visit, (element, node, finding) => into.add('rule', element, node.line, finding));
  }
}

function stateInUnitedStates({ node, path }: Visit, report: Report): void {
  const country = textOf(node, 'country') ?? '';
  const state = childOf(node, 'state');
  if (state !== undefined && (state.value ?? '') !== '' && country !== '' && !unitedStates.has(country)) {
    report(`${path}/state`, state, {
      rule: 'state-outside-us',
      message: 'The state is of the USA but the country is not; use nonUsaState, or correct the country.',
    });
  }
  const elsewhere = childOf(node, 'nonUsaState');
  if (elsewhere !== undefined && (elsewhere.value ?? '').trim() !== '' && country === 'US') {
    report(`${path}/nonUsaState`, elsewhere, {
      rule: 'non-us-state-inside-us',
      message: 'The country is the USA; send its state in the element state.',
      isWarning: true,
    });
  }
}

function supplementalExcludes({ node, path }: Visit, report: Report): void {
  if (textOf(node, 'fileRelevance') !== 'Supplemental Reported') return;
  const marks = childOf(node, 'fileAnnotations');
  const meme = marks === undefined ? undefined : childOf(marks, 'potentialMeme');
  const finding = (name: string): Finding => ({
    rule: 'supplemental-excludes',
    message: `A supplemental file carries no ${name}; remove it, or send the file as Reported.`,
  });
  if (meme !== undefined) report(`${path}/fileAnnotations/potentialMeme`, meme, finding('potentialMeme'));
  const older = childOf(node, 'potentialMeme');
  if (older !== undefined && isTrue(older.value))
    report(`${path}/potentialMeme`, older, finding('potentialMeme'));
  const industry = childOf(node, 'industryClassification');
  if (industry !== undefined) {
    report(`${path}/industryClassification`, industry, finding('industryClassification'));
  }
}

const partyNames: ReadonlySet<string> = new Set(['personOrUserReported', 'intendedRecipient', 'victim']);

/**
 * Documented as a rule, answered as a warning: a service often knows an address from a message but not whose it is,
 * and a report refused for that is a report lost, while an address accepted costs nothing.
 */
function incidentEmailOfParty(visit: Visit, report: Report): void {
  let known: ReadonlySet<string> | undefined;
  for (const { child, spec, path } of childrenOf(visit)) {
    const incident = child.name === 'internetDetails' ? childOf(child, 'emailIncident') : undefined;
    if (incident === undefined || spec === undefined) continue;
    known ??= partyEmails(visit.node);
    const addresses = (incident.children ?? []).filter((each) => each.name === 'emailAddress');
    addresses.forEach((each, index) => {
      const address = (each.value ?? '').trim().toLowerCase();
      if (address === '' || known?.has(address)) return;
      report(`${path}/emailIncident/emailAddress[${index + 1}]`, each, {
        rule: 'incident-email-of-party',
        message:
          'The address belongs to nobody in the report; give it to a reported user, recipient or victim too.',
        isWarning: true,
      });
    });
  }
}

function partyEmails(report: SentNode): ReadonlySet<string> {
  const found = new Set<string>();
  const gather = (node: SentNode): void => {
    if (node.name === 'email') found.add((node.value ?? '').trim().toLowerCase());
    node.children?.forEach(gather);
  };
  for (const child of report.children ?? []) if (partyNames.has(child.name)) gather(child);
  return found;
}
