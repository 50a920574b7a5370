import { type ComplexType, child, many, sequence } from './model.ts';

/** What the bureau answers, so that clients can generate code for the answers from the served schema too. */
export const responseElements = {
  reportResponse: sequence([
    child('responseCode', 'xs:int', 'one'),
    child('responseDescription', 'xs:string', 'one'),
    child('reportId', 'xs:long', 'optional'),
    child('fileId', 'xs:token', 'optional'),
    child('hash', 'xs:token', 'optional'),
  ]),
  reportDoneResponse: sequence([
    child('responseCode', 'xs:int', 'one'),
    child('reportId', 'xs:long', 'one'),
    child('files', sequence([many('fileId', 'xs:string')]), 'one'),
  ]),
} as const satisfies Record<string, ComplexType>;
