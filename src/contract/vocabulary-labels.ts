/** Labels of the reporting vocabulary, for screens and the command line. */
export { elementLabels, incidentTypeLabels, labelOf } from '#base/vocabulary-labels';
