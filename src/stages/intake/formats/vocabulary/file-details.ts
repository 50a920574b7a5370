import {
  all,
  attribute,
  type ComplexType,
  child,
  flag,
  many,
  mark,
  ref,
  sequence,
  text,
  valued,
} from './model.ts';

/** What is said about one file. */

export const fileElements = {
  fileDetails: sequence(
    [
      child('reportId', 'xs:long', 'one'),
      child('fileId', 'xs:token', 'one'),
      text('fileName'),
      text('originalFileName', { maxLength: 2056 }),
      child('uploadedToEspTimestamp', 'xs:dateTime', 'optional'),
      text('locationOfFile', { maxLength: 2083, rules: ['url'], identifier: 'url' }),
      flag('fileViewedByEsp'),
      flag('exifViewedByEsp'),
      flag('publiclyAvailable'),
      child('fileRelevance', 'fileRelevance', 'optional'),
      { oneOf: [flag('potentialMeme'), child('fileAnnotations', 'fileAnnotations', 'optional')] },
      child('industryClassification', 'fileClassification', 'optional'),
      many('originalFileHash', 'hash'),
      child('ipCaptureEvent', 'ipCaptureEvent', 'optional'),
      many('deviceId', 'deviceId'),
      ref('details', 'many'),
      many('additionalInfo', 'text'),
    ],
    { rules: ['exif-needs-viewed', 'supplemental-excludes'] },
  ),
  details: sequence([child('nameValuePair', 'nameValue', 'some')], {
    attributes: [attribute('type', 'metadataTypes')],
  }),
} as const satisfies Record<string, ComplexType>;

export const fileTypes = {
  fileAnnotations: all(
    [
      mark('animeDrawingVirtualHentai'),
      mark('potentialMeme'),
      mark('viral'),
      mark('possibleSelfProduction'),
      mark('physicalHarm'),
      mark('violenceGore'),
      mark('bestiality'),
      mark('liveStreaming'),
      mark('infant'),
      mark('generativeAi'),
    ],
    { isOpen: true },
  ),
  hash: valued('xs:string', [attribute('hashType', 'xs:string', { isRequired: true, maxLength: 64 })]),
  nameValue: sequence([
    child('name', 'xs:string', 'one', { maxLength: 64 }),
    child('value', 'xs:string', 'one'),
  ]),
} as const satisfies Record<string, ComplexType>;
