import type { Problem } from '#contract/shapes';
import type { Fault, Presented, RequestFacts } from './route.ts';

/** Puts a fault into problem details (RFC 9457), for every family that speaks JSON. */
export function presentProblem(fault: Fault, request: RequestFacts): Presented {
  return presented(problemOf(fault, request.requestId), fault);
}

/** The same for services, whose clients are told how to sign in (RFC 9110, 11.6.1). */
export function presentServiceProblem(fault: Fault, request: RequestFacts): Presented {
  const answer = presentProblem(fault, request);
  if (answer.status !== 401) return answer;
  const challenge = 'Basic realm="Firstlight", charset="UTF-8"';
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': challenge } };
}

/**
 * The same for the console. Without a challenge, because a browser would answer it with a password box of its own;
 * and a visitor is told before signing in whether everything here is invented.
 */
export function presentDeskProblem(isDemonstration: boolean) {
  return (fault: Fault, request: RequestFacts): Presented => {
    const problem = problemOf(fault, request.requestId);
    const isVisitor = problem.status === 401 && isDemonstration;
    return presented(
      isVisitor ? { ...problem, details: { ...problem.details, isDemonstration } } : problem,
      fault,
    );
  };
}

function presented(problem: Problem, fault: Fault): Presented {
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (fault.kind === 'bug' && fault.retryAfterSeconds !== undefined) {
    headers['retry-after'] = String(fault.retryAfterSeconds);
  }
  return { status: problem.status, headers, body: JSON.stringify(problem) };
}

function problemOf(fault: Fault, requestId: string): Problem {
  switch (fault.kind) {
    case 'refusal':
      return {
        type: `urn:firstlight:${fault.refusal.code}`,
        title: fault.refusal.message,
        status: fault.refusal.status,
        code: fault.refusal.code,
        requestId,
        ...(Object.keys(fault.refusal.details).length === 0 ? {} : { details: { ...fault.refusal.details } }),
      };
    case 'defects':
      return {
        type: `urn:firstlight:${fault.code}`,
        title:
          'What was sent cannot be taken as it is. Correct the fields named under defects and send it again.',
        status: fault.status,
        code: fault.code,
        requestId,
        defects: fault.defects.map((defect) => ({ ...defect })),
      };
    case 'bug':
      return {
        type: fault.status === 503 ? 'urn:firstlight:http.overloaded' : 'urn:firstlight:http.fault',
        title:
          fault.status === 503
            ? 'The bureau cannot answer at the moment. Wait as Retry-After says and send it again.'
            : 'Something went wrong on the bureau\u2019s side. Nothing was changed; quote the reference when asking.',
        status: fault.status,
        code: fault.status === 503 ? 'http.overloaded' : 'http.fault',
        requestId,
        details: { reference: fault.reference },
      };
  }
  return fault satisfies never;
}
