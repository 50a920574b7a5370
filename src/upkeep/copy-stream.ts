import { Readable } from 'node:stream';
import type pg from 'pg';

/** The part of pg's wire connection that COPY needs; pg has no typed COPY of its own. */
interface Wire {
  readonly stream: {
    pause(): void;
    resume(): void;
    readonly writableNeedDrain: boolean;
    once(event: 'drain' | 'close', listener: () => void): void;
  };
  query(text: string): void;
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
  sendCopyFail(reason: string): void;
}

/** What pg calls on the query that is active on a connection. */
interface ActiveQuery {
  submit(wire: Wire): void;
  handleError(error: Error): void;
  handleReadyForQuery(): void;
  handleCommandComplete(message: { readonly text: string }): void;
  handleCopyData(message: { readonly chunk: Uint8Array }, wire: Wire): void;
  handleCopyInResponse(wire: Wire): void;
  handleRowDescription(): void;
  handleDataRow(): void;
}

/** `COPY … TO STDOUT` as a stream of text lines; `rows` is known once the stream has ended. */
export function copyOut(
  client: pg.ClientBase,
  sql: string,
): { readonly lines: Readable; readonly rows: () => number } {
  let wire: Wire | undefined;
  let rows = 0;
  const lines = new Readable({ read: () => wire?.stream.resume() });
  submit(client, {
    submit: (connection) => {
      wire = connection;
      connection.query(sql);
    },
    handleCopyData: ({ chunk }) => {
      if (!lines.push(chunk)) wire?.stream.pause();
    },
    handleCommandComplete: ({ text }) => {
      rows = rowsOf(text);
    },
    handleReadyForQuery: () => {
      wire?.stream.resume();
      lines.push(null);
    },
    handleError: (error) => {
      wire?.stream.resume();
      lines.destroy(error);
    },
    handleCopyInResponse: (connection) => connection.sendCopyFail('nothing is copied in here'),
    handleRowDescription: () => undefined,
    handleDataRow: () => undefined,
  });
  return { lines, rows: () => rows };
}

/** `COPY … FROM STDIN`; gives the number of rows that went in. When the source fails, nothing does. */
export async function copyIn(
  client: pg.ClientBase,
  sql: string,
  source: AsyncIterable<Uint8Array>,
): Promise<number> {
  return await new Promise<number>((resolve, reject) => {
    let rows = 0;
    let sourceError: unknown;
    submit(client, {
      submit: (connection) => connection.query(sql),
      handleCopyInResponse: (connection) => {
        send(connection, source).catch((error: unknown) => {
          sourceError = error;
          connection.sendCopyFail('the source failed');
        });
      },
      handleCommandComplete: ({ text }) => {
        rows = rowsOf(text);
      },
      handleReadyForQuery: () => resolve(rows),
      handleError: (error) => reject(sourceError ?? error),
      handleCopyData: () => undefined,
      handleRowDescription: () => undefined,
      handleDataRow: () => undefined,
    });
  });
}

function submit(client: pg.ClientBase, query: ActiveQuery): void {
  (client as unknown as { query(query: ActiveQuery): void }).query(query);
}

async function send(wire: Wire, source: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of source) {
    wire.sendCopyFromChunk(chunk);
    if (wire.stream.writableNeedDrain) {
      await new Promise<void>((resolve) => {
        wire.stream.once('drain', resolve);
        wire.stream.once('close', resolve);
      });
    }
  }
  wire.endCopyFrom();
}

/** From PostgreSQL's `COPY 123`. */
function rowsOf(commandTag: string): number {
  return Number(/^COPY (\d+)$/.exec(commandTag)?.[1] ?? 0);
}
