import { DefectList } from './defect-list.ts';

/** The name of a person or service without blanks around it; throws a DefectList when nothing is left of it. */
export function givenName(text: string): string {
  const name = text.trim();
  if (name !== '') return name;
  throw new DefectList('http.request-invalid', 400, [
    {
      element: 'body.name',
      layer: 'rule',
      rule: 'blank',
      message: 'The name is blank; send one that people recognise.',
    },
  ]);
}
