import { type Attributes, SpanStatusCode, trace } from '@opentelemetry/api';

/**
 * Runs work inside a span of OpenTelemetry. Costs nothing until whoever operates the bureau registers an SDK, for
 * example by `NODE_OPTIONS=--import=…`. Names and attributes hold patterns and ids of requests, never content,
 * addresses or people.
 * @param outcome what to add when the work is done
 */
export async function inSpan<T>(
  name: string,
  attributes: Attributes,
  work: () => Promise<T>,
  outcome: () => Attributes = () => ({}),
): Promise<T> {
  return await trace.getTracer('firstlight').startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      // The words of an error may repeat what was sent; its kind does not.
      span.setStatus({
        code: SpanStatusCode.ERROR,
        message: error instanceof Error ? error.name : typeof error,
      });
      throw error;
    } finally {
      span.setAttributes(outcome());
      span.end();
    }
  });
}
