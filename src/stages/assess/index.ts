/**
 * Assess: rules say how urgent and how complete a filed report is; people take it and decide.
 * Comes in: the facts of filed reports; what officers do. Goes out: the line of reports, decisions.
 * Guarantees: every rank has its reasons and rules version; a decision is made by one named person, never
 * overwritten, only marked; one officer at a time has a report.
 * Never does: decide anything itself; rank by who, where or in which language.
 * Events: report.assessed, report.taken, report.released, report.decided, report.decision-undone, report.reopened,
 * report.urgency-corrected, report.reassessment-due.
 * Owns: assess.assessment, assessment_change, urgency_correction, line_entry, decision, look, look_order,
 * blind_sample.
 */

export { assessCodes } from './codes.ts';
export { eraseAssessment } from './erase-assessment.ts';
export type { AssessEvent } from './events.ts';
export { assessRoutes } from './http.ts';
export { assessJobs } from './jobs.ts';
export {
  barDays,
  barOf,
  defaultWaitingShare,
  freshMs,
  isWorthALook,
  laneOf,
  leastWaitingShare,
  mostWaitingShare,
  rankOf,
} from './rules/look-order.ts';
export { urgencyOf } from './rules/urgency.ts';
export type { UrgencyFacts } from './rules/urgency-facts.ts';
export { type ErasedWords, isDecided, wordsLeft } from './store-erasure.ts';
