/** Labels of the reporting vocabulary, for screens and the command line. */
export { incidentTypeLabels, incidentTypes } from '#base/incident-types';
export { elementLabels, labelOf } from '#base/vocabulary-labels';
