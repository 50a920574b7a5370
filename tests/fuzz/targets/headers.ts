import { Readable } from 'node:stream';
import { Type } from 'typebox';
import { Refusal } from '#base/errors';
import { parseFileId, parseReportId } from '#base/ids';
import { readCookie, readCredentials } from '../../../src/access/credentials.ts';
import { cursorOf, Instant, RowNumber } from '../../../src/screens/paging.ts';
import { keptName, mostNameCharacters } from '../../../src/stages/intake/formats/kept-text.ts';
import { bytesIn, checksumIn, metadataIn } from '../../../src/stages/intake/formats/upload-headers.ts';
import { onlyId, openForm } from '../../../src/stages/intake/read-form.ts';
import { must, type Target } from '../target.ts';

const cursor = cursorOf(Type.Object({ at: Instant, row: RowNumber }));

/** Refusals are what these parsers say; any other exception is a fault. */
function orRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

export const headerTargets: readonly Target[] = [
  {
    name: 'credentials',
    what: 'Authorization and Cookie',
    seeds: [
      'Basic dXNlcjpwYXNzd29yZA==',
      'Bearer abcdefghijklmnopqrstuvwxyz',
      'firstlight_session=abc; other=1',
      'basic   OnBhc3M=',
    ],
    words: ['Basic ', 'Bearer ', 'firstlight_session=', ';', '=', ':', 'OnBhc3M=', 'AAAA'],
    mostBytes: 20_000,
    run: (input) => {
      const text = input.toString('latin1');
      for (const headers of [{ authorization: text }, { cookie: text }]) {
        const found = readCredentials({ headers, baseUrl: 'http://127.0.0.1' });
        if (found.kind === 'basic') {
          must(found.username !== '' && !found.username.includes('\u0000'), 'a user name can be looked up');
          must(found.password.length <= 1024, 'a password has a bounded length');
        }
      }
      readCookie(text, 'firstlight_session');
    },
  },
  {
    name: 'upload-headers',
    what: 'the headers of resumable uploads',
    seeds: [
      'filename d29ybGQ=,name aGk=',
      'sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
      '1024',
      'md5 1B2M2Y8AsgTpgAmY7PhCfg==',
    ],
    words: ['filename ', 'name ', ',', ' ', 'sha1 ', 'sha256 ', 'md5 ', '=', 'AAAA', '0'],
    mostBytes: 20_000,
    run: (input) => {
      const text = input.toString('latin1');
      const bytes = bytesIn(text);
      must(bytes === undefined || (Number.isSafeInteger(bytes) && bytes >= 0), 'a count of bytes is one');
      checksumIn(text);
      const metadata = metadataIn(text);
      must((metadata?.uploadName ?? '').length <= mostNameCharacters, 'a name has a bounded length');
    },
  },
  {
    name: 'names-and-numbers',
    what: 'file names, report numbers, file ids and cursors in addresses',
    seeds: [
      '1000001',
      'b0754af766b426f2928a02c651ed4b99',
      cursor.write({ at: '1', row: '2' }),
      'a/b\\c\u202e.jpg',
      '..',
    ],
    words: ['../', '\\', '\u0000', '\ud800', '1000001', 'eyJhdCI6IjEifQ'],
    mostBytes: 20_000,
    run: (input) => {
      const text = input.toString('utf8');
      const reportId = parseReportId(text);
      must(reportId === undefined || /^[1-9]\d*$/.test(reportId), 'a report number is one');
      parseFileId(text);
      orRefused(() => cursor.read(text));
      orRefused(() => onlyId(text.split('&')));
      const name = keptName(text);
      must(!name.includes('\u0000') && name.isWellFormed(), 'a kept name can be stored');
    },
  },
  {
    name: 'multipart-form',
    what: 'forms; the first line is the content type',
    seeds: [
      'multipart/form-data; boundary=x\n--x\r\nContent-Disposition: form-data; name="id"\r\n\r\n1000001\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\nbytes\r\n--x--\r\n',
      'multipart/form-data; boundary="a b"\n--a b\r\nContent-Disposition: form-data; name="id"\r\n\r\n1\r\n--a b--\r\n',
    ],
    words: [
      '--x',
      '\r\n',
      '--',
      'Content-Disposition: form-data; ',
      'name="id"',
      'name="file"',
      '; filename="',
      "filename*=utf-8''%41",
      'Content-Transfer-Encoding: base64',
      'Content-Type: ',
      'boundary=',
      ';',
      '"',
    ],
    mostBytes: 100_000,
    run: async (input) => {
      const line = input.indexOf(10);
      const type = input.toString('latin1', 0, line < 0 ? input.length : line);
      await readForm(type, line < 0 ? Buffer.alloc(0) : input.subarray(line + 1));
    },
  },
];

const formPatienceMs = 2_000;

/** Reads as uploads do; every outcome but silence is fine. */
async function readForm(type: string, body: Buffer): Promise<void> {
  const limits = { fields: 10, files: 2, parts: 12, fieldSize: 1024 };
  const form = orRefused(() => openForm(type, limits, (name, file) => name === 'file' || file !== undefined));
  if (form === undefined) return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('a form neither ended nor failed')), formPatienceMs);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    form.on('field', (name) => must(name === undefined || name.length <= 100, 'a field name is bounded'));
    form.on('file', (_name, stream) => {
      stream.on('error', end);
      stream.resume();
    });
    form.on('error', end);
    form.on('finish', end);
    // In two pieces, because every boundary may fall between two chunks.
    const half = body.length >> 1;
    Readable.from([body.subarray(0, half), body.subarray(half)].filter((piece) => piece.length > 0)).pipe(
      form,
    );
  });
}
