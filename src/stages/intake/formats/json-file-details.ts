import type { Parsed } from '#base/defects';
import type { FileDetailsBody } from '#contract/intake';
import { FieldCheck } from './json-fields.ts';
import { identifierOf } from './json-report.ts';
import type { FileDetailsDraft } from './report-draft.ts';
import { sentOf } from './sent-json.ts';

/** Which element of the XML protocol each field stands for, where the rules of batched reports name it. */
const elementOf = {
  originalFileName: 'originalFileName',
  location: 'locationOfFile',
  originalHashes: 'originalFileHash',
  metadata: 'details',
  notes: 'additionalInfo',
} as const;

/** Makes the model of one file's details from a JSON body whose shape is already checked; rules as in the XML door. */
export function fileDetailsOfBody(
  body: FileDetailsBody,
  ids: { readonly reportId: string; readonly fileId: string },
  options: { readonly now: Date },
): Parsed<FileDetailsDraft> {
  const check = new FieldCheck(options.now);
  const relevance = body.relevance ?? 'Reported';
  if (body.uploadedAt !== undefined) check.value('past-time', body.uploadedAt, 'uploadedAt');
  if (body.location !== undefined) check.value('url', body.location, 'location');
  if (body.exifViewedByProvider === true && body.viewedByProvider !== true) {
    check.defect(
      'exifViewedByProvider',
      'exif-needs-viewed',
      'With exifViewedByProvider, send viewedByProvider: true.',
    );
  }
  if (relevance === 'Supplemental Reported') refuseSupplemental(body, check);
  const identifiers = (body.identifiers ?? []).map((each, index) => {
    const path = `identifiers[${index}]`;
    if (each.kind !== 'ip' && each.kind !== 'device') {
      check.defect(
        `${path}.kind`,
        'ip-or-device',
        'A file has identifiers of kind ip and device. Send others with a party.',
      );
    }
    return identifierOf(each, path, check);
  });
  const named = Object.entries(elementOf).flatMap(([field, element]) => (field in body ? [element] : []));
  return check.parsed({
    ...ids,
    ...(body.originalFileName === undefined ? {} : { originalFileName: body.originalFileName }),
    relevance,
    ...(body.viewedByProvider === undefined ? {} : { isViewedByProvider: body.viewedByProvider }),
    ...(body.exifViewedByProvider === undefined ? {} : { isExifViewedByProvider: body.exifViewedByProvider }),
    ...(body.publiclyAvailable === undefined ? {} : { isPubliclyAvailable: body.publiclyAvailable }),
    annotations: [...new Set(body.annotations)],
    ...(body.industryClassification === undefined
      ? {}
      : { industryClassification: body.industryClassification }),
    ...(body.uploadedAt === undefined ? {} : { uploadedAt: body.uploadedAt }),
    ...(body.location === undefined ? {} : { location: body.location }),
    originalHashes: body.originalHashes ?? [],
    identifiers,
    sentElements: [
      ...named,
      ...identifiers.map((each) => (each.kind === 'ip' ? 'ipCaptureEvent' : 'deviceId')),
    ],
    sent: sentOf('fileDetails', body),
  });
}

function refuseSupplemental(body: FileDetailsBody, check: FieldCheck): void {
  if (body.annotations?.includes('potentialMeme') === true) {
    check.defect(
      'annotations',
      'supplemental-excludes',
      'A supplemental file cannot be a potentialMeme. Leave it out.',
    );
  }
  if (body.industryClassification !== undefined) {
    check.defect(
      'industryClassification',
      'supplemental-excludes',
      'A supplemental file has no classification. Leave it out, or send relevance Reported.',
    );
  }
}
