/** Labels of the reporting vocabulary, for screens and the command line. */
export { incidentTypeLabels } from '#base/incident-types';
export { labelOf } from '#base/vocabulary-labels';
